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
  error: Error | undefined;
  /** When `data` came. */
  readAtMs: number | undefined;
  /** Reads again soon; many calls at once are one. */
  refresh: () => void;
}

/** However many events come, the server is not asked more often. */
const GATHER_MS = 250;

/** Reads a path of the API, again every so often, and when told. */
export function useRead<T>(path: string, everyMs: number): Read<T> {
  const server = useServer();
  const [seen, setSeen] = useState<Omit<Read<T>, "refresh"> & { path: string }>();
  const again = useRef<() => void>(undefined);

  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isReading = false;
    let mustReadAgain = false;
    const read = async () => {
      clearTimeout(timer);
      isReading = true;
      mustReadAgain = false;
      try {
        const data = await server.get<T>(path, gone.signal);
        setSeen({ path, data, error: undefined, readAtMs: Date.now() });
      } catch (error) {
        if (gone.signal.aborted) return;
        setSeen((before) => ({
          path,
          data: before?.data,
          readAtMs: before?.readAtMs,
          error: error as Error,
        }));
      }
      isReading = false;
      if (!gone.signal.aborted) timer = setTimeout(read, mustReadAgain ? GATHER_MS : everyMs);
    };
    again.current = () => {
      if (isReading || mustReadAgain) return void (mustReadAgain = true);
      mustReadAgain = true;
      clearTimeout(timer);
      timer = setTimeout(read, GATHER_MS);
    };
    void read();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [server, path, everyMs]);

  const refresh = useCallback(() => again.current?.(), []);
  return { data: seen?.data, error: seen?.error, readAtMs: seen?.readAtMs, refresh };
}
