import { useEffect, useRef, useState } from "preact/hooks";

/** A value that follows another, at once but not more often than so: what comes in between is passed over but for the last. */
export function useSeldom<T>(value: T, ms: number): T {
  const [shown, setShown] = useState(value);
  const since = useRef(0);
  useEffect(() => {
    const show = () => {
      since.current = performance.now();
      setShown(value);
    };
    const timer = setTimeout(show, Math.max(0, since.current + ms - performance.now()));
    return () => clearTimeout(timer);
  }, [value, ms]);
  return shown;
}
