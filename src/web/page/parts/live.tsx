import { useEffect, useRef, useState } from "preact/hooks";
import { follow, type LiveParts, type LiveState } from "../live.ts";

/** A tab that nobody sees gives its connection back after this long: browsers have six of them for a server. */
const HIDDEN_MS = 20_000;

type Handlers = Pick<LiveParts, "onEvent" | "onProgress" | "onReset" | "isLast">;

/** Follows a stream while the page is in sight. */
export function useLive(path: string, handlers: Handlers): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const latest = useRef(handlers);
  latest.current = handlers;

  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () =>
      follow(path, {
        EventSource,
        onEvent: (event) => latest.current.onEvent(event),
        onProgress: (progress) => latest.current.onProgress?.(progress),
        onReset: () => latest.current.onReset(),
        isLast: (event) => latest.current.isLast?.(event) === true,
        onState: (next) => {
          isOver = next === "over";
          setState(next);
        },
      });
    let close: (() => void) | undefined = open();
    const onSight = () => {
      clearTimeout(timer);
      if (document.hidden) {
        timer = setTimeout(() => {
          close?.();
          close = undefined;
        }, HIDDEN_MS);
      } else if (close === undefined && !isOver) {
        latest.current.onReset();
        close = open();
      }
    };
    document.addEventListener("visibilitychange", onSight);
    return () => {
      document.removeEventListener("visibilitychange", onSight);
      clearTimeout(timer);
      close?.();
    };
  }, [path]);
  return state;
}

const WORDS: Record<LiveState, string> = {
  connecting: "connecting …",
  live: "live",
  lost: "connection lost, trying again …",
  over: "ended",
};

/** Says whether what is seen follows what happens. */
export function LiveMark({ state }: { state: LiveState }) {
  return (
    <span class={`live live-${state}`} role="status">
      {WORDS[state]}
    </span>
  );
}
