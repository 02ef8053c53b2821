import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

export interface Place {
  path: string;
  search: string;
}

const listeners = new Set<() => void>();

/** Goes to another page, or to another view of this one; `replace` leaves no step to go back to. */
export function go(href: string, { replace = false } = {}): void {
  const before = location.pathname;
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  for (const listener of listeners) listener();
  if (location.pathname === before) return;
  scrollTo(0, 0);
  // Who reads by ear or keyboard begins at the new page, not at the link that led there.
  document.getElementById("content")?.focus({ preventScroll: true });
}

export function usePlace(): Place {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const listener = () => setPlace(read());
    listeners.add(listener);
    addEventListener("popstate", listener);
    return () => {
      listeners.delete(listener);
      removeEventListener("popstate", listener);
    };
  }, []);
  return place;
}

function read(): Place {
  return { path: location.pathname, search: location.search };
}

type LinkProps = JSX.IntrinsicElements["a"] & { href: string };

/** A link within the page. With a modifier key it does what any link does. */
export function Link({ href, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return <a href={href} {...rest} onClick={follow} />;
}

/** Names the page in the browser's tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Trayload`;
  }, [title]);
}
