import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type FleetView, writeView } from "./view.ts";
import { ROW_PX, rowsInSight, type Span } from "./window.ts";

/** What scrolling goes by, and whom it tells. */
export interface Scrolling {
  total: number;
  view: FleetView;
  onView: (view: FleetView, replace?: boolean) => void;
  /** Told which rows are in sight. */
  onSpan: (span: Span) => void;
}

/** Until somebody has rested at a place for so long, it is not written to the URL. */
const REST_MS = 300;

/** Follows the scrolling, keeps its place in the URL, and goes to the place that the URL says. */
export function useScroll(frame: RefObject<HTMLDivElement | null>, scrolling: Scrolling): Span {
  const { view, total } = scrolling;
  const [span, setSpan] = useState<Span>({ first: 0, end: 0 });
  const written = useRef(-1);
  const latest = useRef(scrolling);
  latest.current = scrolling;

  const look = () => {
    // What was observed may be told when the table has gone.
    if (frame.current === null) return;
    const { scrollTop, clientHeight } = frame.current;
    const next = rowsInSight(scrollTop, clientHeight, latest.current.total);
    setSpan((before) => (before.first === next.first && before.end === next.end ? before : next));
    latest.current.onSpan(next);
  };
  useEffect(() => {
    const element = frame.current!;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rest = () => {
      const at = Math.floor(element.scrollTop / ROW_PX);
      const { view: seen, onView: show } = latest.current;
      written.current = at;
      if (at !== seen.at) show({ ...seen, at }, true);
    };
    const onScroll = () => {
      look();
      clearTimeout(timer);
      timer = setTimeout(rest, REST_MS);
    };
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      clearTimeout(timer);
      resized.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, []);
  // Another view begins where its URL says; what the scrolling itself wrote there moves nothing.
  const beginning = writeView({ ...view, at: 0 });
  const seen = useRef(beginning);
  useLayoutEffect(() => {
    if (written.current !== view.at || seen.current !== beginning)
      frame.current!.scrollTop = view.at * ROW_PX;
    written.current = view.at;
    seen.current = beginning;
    look();
  }, [beginning, view.at, total]);
  return span;
}
