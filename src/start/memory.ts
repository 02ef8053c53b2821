import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Returns memory to the operating system when a rush is over. */
export interface MemoryReturn {
  stop(): void;
}

export interface MemoryReturnParts {
  /** CPU seconds that this process has used so far. */
  cpuSeconds: () => number;
  /** Collects all garbage and returns the pages; takes about as long as a slow request. */
  collect: () => void;
  everyMs: number;
}

/** Shares of a core. What lies between is neither. */
const RUSH = 0.3;
const CALM = 0.1;
/** What a rush has left in caches is let go of within a minute, and returned this many looks later. */
const LOOKS_TO_SECOND = 6;

const USUAL: MemoryReturnParts = {
  cpuSeconds() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  collect: createCollector(),
  everyMs: 15_000,
};

/**
 * V8 keeps the pages of a rush for the next one. A server that then waits for hours for a thousand installers would hold
 * half a gigabyte of nothing, so in the first calm behind a rush all garbage is collected and its pages are returned, and
 * once more when what was remembered of the rush for a moment has become garbage too.
 */
export function startMemoryReturn(parts: MemoryReturnParts = USUAL): MemoryReturn {
  let before = parts.cpuSeconds();
  let dueIn = 0;
  const timer = setInterval(() => {
    const now = parts.cpuSeconds();
    const share = (now - before) / (parts.everyMs / 1000);
    before = now;
    if (share > RUSH) dueIn = 1 + LOOKS_TO_SECOND;
    if (share > CALM || dueIn === 0) return;
    const isFirst = dueIn === 1 + LOOKS_TO_SECOND;
    dueIn -= 1;
    if (!isFirst && dueIn > 0) return;
    parts.collect();
    // What the collecting took is no work.
    before = parts.cpuSeconds();
  }, parts.everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Node gives its collector away to those only who ask for it by a flag, of which contexts made later know. */
export function createCollector(): () => void {
  let collect: ((options: object) => void) | undefined;
  return () => {
    if (collect === undefined) {
      setFlagsFromString("--expose-gc");
      collect = runInNewContext("gc") as (options: object) => void;
    }
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
  };
}
