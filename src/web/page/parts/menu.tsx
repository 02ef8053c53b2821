import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** Buttons behind a button. It closes with Escape, with a click elsewhere, and when the focus goes elsewhere. */
export function Menu({ label, children }: { label: string; children: ComponentChildren }) {
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const menu = element.current!;
    const leave = ({ target }: Event) => {
      if (!menu.contains(target as Node)) menu.open = false;
    };
    const escape = ({ key, target }: KeyboardEvent) => {
      // In a dialog that one of its buttons opened, the key is the dialog's.
      if (key !== "Escape" || !menu.open || (target as Element).closest("dialog") !== null) return;
      menu.open = false;
      menu.querySelector("summary")!.focus();
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("focusin", leave);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("focusin", leave);
      document.removeEventListener("keydown", escape);
    };
  }, []);
  return (
    <details ref={element} class="menu">
      <summary class="button">{label}</summary>
      <div>{children}</div>
    </details>
  );
}
