/** Decides how many looks may be under way at once. */
export interface Pace {
  /** So many now. */
  readonly limit: number;
  begin(): void;
  end(): void;
  /** Resolves when another look may begin. */
  room(): Promise<void>;
}

export interface PaceParts {
  /** Never more than these. */
  most: number;
  /** Share of the last moments, 0 to 1, in which this process was at work and not waiting; each call begins anew. */
  busyShare?: () => number;
  /** Time between two judgements; none are made while nothing is under way. */
  everyMs?: number;
}

/** These are enough to keep one thread at work when everybody answers at once. */
const LEAST = 12;
/** Above this each look waits for the others' turns more than for its own BMC; below that there is room for more. */
const CROWDED = 0.6;
const ROOMY = 0.45;
const STEP = 0.1;
const EVERY_MS = 50;
/** After so many judgements without a beginning one more begins: those under way wait for slow BMCs, and cost nothing. */
const PATIENCE = 5;

/**
 * A look that waits for its BMC takes no work of ours, so that hundreds may be under way where BMCs are slow; where they
 * are quick, the thread is the limit, and more looks at once would only make each of them longer. What else keeps the
 * thread at work, as discs that are read, holds looks up but never stops them.
 */
export function createPace({ most, busyShare = measureBusy(), everyMs = EVERY_MS }: PaceParts): Pace {
  const least = Math.min(LEAST, most);
  const waiting: (() => void)[] = [];
  let limit = least;
  let live = 0;
  let idleJudgements = 0;
  let timer: NodeJS.Timeout | undefined;

  function letIn(free: number): void {
    for (const begin of waiting.splice(0, Math.max(0, free))) {
      idleJudgements = 0;
      begin();
    }
  }

  function judge(): void {
    const share = busyShare();
    const isUsed = live >= limit;
    if (share > CROWDED || (share < ROOMY && !isUsed))
      limit = Math.max(least, Math.floor(limit * (1 - STEP)));
    else if (share < ROOMY) limit = Math.min(most, Math.ceil(limit * (1 + STEP)));
    idleJudgements += 1;
    const free = idleJudgements >= PATIENCE ? Math.max(1, limit - live) : limit - live;
    letIn(Math.min(free, most - live));
  }

  return {
    get limit() {
      return limit;
    },
    begin() {
      live += 1;
      if (timer !== undefined) return;
      busyShare();
      timer = setInterval(judge, everyMs).unref();
    },
    end() {
      live -= 1;
      if (live === 0) {
        clearInterval(timer);
        timer = undefined;
        limit = least;
      }
      letIn(limit - live);
    },
    room: () => (live < limit ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

function measureBusy(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
