import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Server } from "../server.ts";

export const ServerContext = createContext<Server | undefined>(undefined);

export function useServer(): Server {
  return useContext(ServerContext)!;
}

/** What was read, and how it stands with it: old data stays in sight while new data cannot be had. */
export interface Read<T> {
  data: T | undefined;
  /** Of `data`: while another path is read, what the one before gave stays in sight. */
  path: string | undefined;
  error: Error | undefined;
  /** When `data` came. */
  readAtMs: number | undefined;
  /** Reads again soon; many calls at once are one. */
  refresh: () => void;
}

/** However many events come, the server is not asked more often; and what takes it long is asked for less often. */
const GATHER_MS = 250;
const REST = 3;

/** Reads a path of the API, again every so often, and when told. */
export function useRead<T>(path: string, everyMs: number): Read<T> {
  const server = useServer();
  const [seen, setSeen] = useState<Omit<Read<T>, "refresh">>();
  const again = useRef<() => void>(undefined);

  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isReading = false;
    let mustReadAgain = false;
    let gatherMs = GATHER_MS;
    const read = async () => {
      clearTimeout(timer);
      isReading = true;
      mustReadAgain = false;
      const beganMs = performance.now();
      try {
        const data = await server.get<T>(path, gone.signal);
        setSeen({ path, data, error: undefined, readAtMs: Date.now() });
      } catch (error) {
        if (gone.signal.aborted) return;
        setSeen((before) => ({
          path: before?.path,
          data: before?.data,
          readAtMs: before?.readAtMs,
          error: error as Error,
        }));
      }
      isReading = false;
      if (gone.signal.aborted || (everyMs === Infinity && !mustReadAgain)) return;
      gatherMs = Math.max(GATHER_MS, REST * (performance.now() - beganMs));
      timer = setTimeout(read, mustReadAgain ? gatherMs : everyMs);
    };
    again.current = () => {
      if (isReading || mustReadAgain) return void (mustReadAgain = true);
      mustReadAgain = true;
      clearTimeout(timer);
      timer = setTimeout(read, gatherMs);
    };
    void read();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [server, path, everyMs]);

  const refresh = useCallback(() => again.current?.(), []);
  return { data: seen?.data, path: seen?.path, error: seen?.error, readAtMs: seen?.readAtMs, refresh };
}

/** The same for what is read when it is asked for alone. */
export function useReadOnce<T>(path: string): Read<T> {
  return useRead(path, Infinity);
}
