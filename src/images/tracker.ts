import { randomBytes } from "node:crypto";
import type { Disc } from "./disc.ts";
import { createReadLog, type ReadLog } from "./read-log.ts";
import type { ReadCounts, ReadMilestone } from "./reads.ts";
import type { SentRange } from "./serve/serve.ts";

/** Counts what is read of discs, keeps the counts, and says what was reached. */
export interface ReadTracker {
  /**
   * Returns at once and never throws: serving does not wait for bookkeeping.
   *
   * @param by address of the reader, and whom to tell what was reached; the latest one named is told
   */
  add(disc: Disc, range: SentRange, by: { reader: string; owner: string }): void;
  /** Keeps what is not kept yet. */
  close(): Promise<void>;
}

/** What the reading of a disc has come to. */
export interface Reached {
  discId: string;
  /** As given with the read. */
  owner: string;
  milestone: ReadMilestone;
  /** Share of the disc's blocks that were read by then. */
  percent: number;
}

export interface ReadTrackerDependencies {
  counts: ReadCounts;
  /** Name of this process, for its rows; each life of it gets rows of its own. */
  process: string;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Called when the counts that led to it are kept, so that whoever is woken sees them. */
  onMilestone(reached: Reached): Promise<void>;
  /** Told of counts or milestones that could not be kept or handed on; they are tried again. */
  onError: (error: unknown, discId: string) => void;
  /** Least time between two rows of a disc without a milestone; 2 s unless told. */
  flushMs?: number;
  /** After how long without a read a disc is forgotten here, its counts being kept; 45 s unless told. */
  idleMs?: number;
}

interface Tracked {
  log: ReadLog;
  writer: string;
  owner: string;
  milestones: { milestone: ReadMilestone; percent: number }[];
  isDirty: boolean;
  lastReadMs: number;
  timer: NodeJS.Timeout | undefined;
  /** Ends when all that was begun to be kept is kept. */
  flushed: Promise<void>;
}

/** Makes the tracker of one process. */
export function createReadTracker(dependencies: ReadTrackerDependencies): ReadTracker {
  const { counts, clock, onError, flushMs = 2_000, idleMs = 45_000 } = dependencies;
  const tracked = new Map<string, Tracked | Promise<Tracked>>();
  const sweeper = setInterval(() => void forgetIdle(), Math.min(idleMs, 60_000));
  sweeper.unref();

  /** Remembered as it is once it is there, since a boot adds thousands of times. */
  function begin(disc: Disc, owner: string): Promise<Tracked> {
    const beginning = open(disc, owner);
    tracked.set(disc.id, beginning);
    void beginning.then((begun) => tracked.set(disc.id, begun));
    return beginning;
  }

  async function open(disc: Disc, owner: string): Promise<Tracked> {
    const earlier = await counts.load(disc.id).catch((error: unknown) => {
      onError(error, disc.id);
      return undefined;
    });
    return {
      log: createReadLog(disc, earlier),
      // A row that is begun again under the same name would be counted twice or lost.
      writer: `${dependencies.process}.${randomBytes(4).toString("hex")}`,
      owner,
      milestones: [],
      isDirty: false,
      lastReadMs: clock(),
      timer: undefined,
      flushed: Promise.resolve(),
    };
  }

  function note(discId: string, disc: Tracked, range: SentRange, reader: string, atMs: number): void {
    const reached = disc.log.add(range, reader, atMs);
    const percent = disc.log.percent();
    disc.milestones.push(...reached.map((milestone) => ({ milestone, percent })));
    disc.isDirty = true;
    disc.lastReadMs = atMs;
    if (reached.length > 0) flush(discId, disc);
    else flushLater(discId, disc);
  }

  function flushLater(discId: string, disc: Tracked): void {
    disc.timer ??= setTimeout(() => flush(discId, disc), flushMs);
  }

  function flush(discId: string, disc: Tracked): void {
    clearTimeout(disc.timer);
    disc.timer = undefined;
    disc.flushed = disc.flushed.then(() => keep(discId, disc));
  }

  /** Keeps the row, then hands the milestones on; what fails is tried again with the next flush. */
  async function keep(discId: string, disc: Tracked): Promise<void> {
    if (!disc.isDirty && disc.milestones.length === 0) return;
    disc.isDirty = false;
    const known = disc.milestones.length;
    try {
      await counts.save(discId, disc.writer, disc.log.row());
      for (let told = 0; told < known; told += 1) {
        await dependencies.onMilestone({ discId, owner: disc.owner, ...disc.milestones[0]! });
        disc.milestones.shift();
      }
    } catch (error) {
      disc.isDirty = true;
      onError(error, discId);
      if (!closed) flushLater(discId, disc);
    }
  }

  async function forgetIdle(): Promise<void> {
    for (const [discId, opening] of tracked) {
      const disc = await opening;
      const isKept = !disc.isDirty && disc.milestones.length === 0;
      if (isKept && clock() - disc.lastReadMs >= idleMs) tracked.delete(discId);
    }
  }

  let closed = false;
  return {
    add(disc, range, { reader, owner }) {
      const atMs = clock();
      const take = (known: Tracked): void => {
        known.owner = owner;
        note(disc.id, known, range, reader, atMs);
      };
      const known = tracked.get(disc.id) ?? begin(disc, owner);
      if (known instanceof Promise) void known.then(take);
      else take(known);
    },
    async close() {
      closed = true;
      clearInterval(sweeper);
      for (const [discId, opening] of tracked) {
        const disc = await opening;
        flush(discId, disc);
        await disc.flushed;
      }
    },
  };
}
