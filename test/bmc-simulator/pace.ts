/** When a change that was asked for happens: at once, some time later, or when the test says so. Never random. */
export type Pace = "instant" | "manual" | { ms: number };

/** The changes that have a pace. Those of power happen one after another; those of media may overtake each other. */
export type Lane = "power" | "media";

export interface Gate {
  /** Lets the change happen when its time has come; resolves when it has happened. */
  pass(lane: Lane, delayMs: number, change: () => void | Promise<void>): Promise<void>;
  /** Whether a change of this lane would happen at once. */
  isOpen(lane: Lane): boolean;
  /** From now on changes of this lane queue up, whatever the pace. */
  hold(lane: Lane): void;
  /** Lets everything in the lane happen and ends the hold. */
  release(lane: Lane): void;
  /** Lets the oldest waiting change happen, of any lane; false when none waits. */
  releaseNext(): boolean;
  /** How many changes wait to be released. */
  readonly waiting: number;
  /** Nothing that waits will happen any more. */
  close(): void;
}

export function createGate(pace: Pace): Gate {
  const held = new Set<Lane>();
  const waiting: { lane: Lane; go: () => void }[] = [];
  let lastPower = Promise.resolve();
  const timers = new Set<NodeJS.Timeout>();

  function untilReleased(lane: Lane): Promise<void> {
    return new Promise((go) => waiting.push({ lane, go }));
  }

  function after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, ms);
      timers.add(timer);
    });
  }

  function turn(lane: Lane, delayMs: number): Promise<void> | undefined {
    if (pace === "manual" || held.has(lane)) return untilReleased(lane);
    const ms = delayMs + (pace === "instant" ? 0 : pace.ms);
    return ms === 0 ? undefined : after(ms);
  }

  return {
    pass(lane, delayMs, change) {
      const due = turn(lane, delayMs);
      const before = lane === "power" ? lastPower : undefined;
      const done = Promise.all([before, due]).then(() => change());
      // A change that fails is its caller's to hear of; the next one comes all the same.
      if (lane === "power") lastPower = done.catch(() => {});
      return done;
    },
    isOpen: (lane) => pace === "instant" && !held.has(lane),
    hold: (lane) => void held.add(lane),
    release(lane) {
      held.delete(lane);
      for (const entry of waiting.filter((one) => one.lane === lane)) {
        waiting.splice(waiting.indexOf(entry), 1);
        entry.go();
      }
    },
    releaseNext() {
      const next = waiting.shift();
      next?.go();
      return next !== undefined;
    },
    get waiting() {
      return waiting.length;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      waiting.length = 0;
    },
  };
}
