import { setTimeout as delay } from "node:timers/promises";
import { ImageError, type ImageErrorCode } from "./errors.ts";
import type { BlobIndex, Owner } from "./keep/blob-index.ts";
import { BEAT_MS, createJudge } from "./keep/owner.ts";

/** One at a time over all processes that share a store: whoever has the turn fetches, and the others wait for what comes. */
export interface Turns {
  /**
   * Waits for the turn, or for what another process's turn came to.
   *
   * @returns the digest that another brought; undefined when the turn is ours, which `end` must end
   * @throws ImageError as another's fetch failed, or when called off
   */
  take(key: string, waiting: Waiting): Promise<string | undefined>;
  progress(key: string, bytesRead: number, sizeBytes: number | null): void;
  end(key: string, outcome: { digest: string } | { error: ImageError } | null): void;
  close(): void;
}

type Outcome = { digest: string } | { failure: string };

interface Waiting {
  shown: string;
  signal: AbortSignal;
  onProgress(bytesRead: number, sizeBytes: number | null): void;
}

/** How often others' turns are looked at, and our own progress is told to them. */
const LOOK_MS = 250;

export function createTurns({
  index,
  owner,
  now,
}: {
  index: BlobIndex;
  owner: Owner;
  now: () => number;
}): Turns {
  const isAlive = createJudge(now);
  const mine = new Map<string, { toldMs: number }>();
  let beating: NodeJS.Timeout | undefined;

  /** Ends that could not be noted on a full disk: others would wait for them. */
  const owed = new Map<string, { outcome: Outcome | null; endedMs: number }>();

  function note(): void {
    for (const [key, { outcome, endedMs }] of owed) {
      try {
        index.end(key, owner.id, outcome, endedMs);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
        throw error;
      }
      owed.delete(key);
    }
  }

  function beat(): void {
    note();
    keepBeating();
    try {
      if (beating !== undefined) index.beat(me());
    } catch (error) {
      // Silence for some beats changes nothing.
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }

  const me = (): Owner => ({ ...owner, seenMs: now() });

  /** Beats only while something is ours, so that an idle store writes nothing. */
  function keepBeating(): void {
    if (mine.size + owed.size > 0) beating ??= setInterval(beat, BEAT_MS).unref();
    else {
      clearInterval(beating);
      beating = undefined;
    }
  }

  return {
    async take(key, waiting) {
      const sinceMs = now();
      owed.delete(key);
      for (;;) {
        const claim = index.claim(key, me(), sinceMs, isAlive);
        if (claim.state === "landed") return claim.digest;
        if (claim.state === "failed") throw readFailure(claim.failure);
        if (claim.state === "mine") {
          mine.set(key, { toldMs: 0 });
          keepBeating();
          return undefined;
        }
        waiting.onProgress(claim.bytesRead, claim.sizeBytes);
        await delay(LOOK_MS, undefined, { signal: waiting.signal }).catch(() => {
          throw new ImageError(`${waiting.shown} is not waited for any more`, CALLED_OFF);
        });
      }
    },
    progress(key, bytesRead, sizeBytes) {
      const told = mine.get(key);
      if (told === undefined || now() - told.toldMs < LOOK_MS) return;
      told.toldMs = now();
      index.progress(key, owner.id, bytesRead, sizeBytes);
    },
    end(key, outcome) {
      if (!mine.delete(key)) return;
      keepBeating();
      const kept =
        outcome !== null && "error" in outcome ? { failure: writeFailure(outcome.error) } : outcome;
      index.end(key, owner.id, kept, now());
    },
    close() {
      mine.clear();
      keepBeating();
      index.leave(owner.id);
    },
  };
}

const CALLED_OFF = { code: "image-unreachable", retryable: true } as const;

/** What others are told; causes stay in the log of the process that has them. */
function writeFailure({ message, code, retryable, hint }: ImageError): string {
  return JSON.stringify({ message, code, retryable, hint });
}

function readFailure(text: string): ImageError {
  const { message, ...facts } = JSON.parse(text) as {
    message: string;
    code: ImageErrorCode;
    retryable: boolean;
    hint?: string;
  };
  return new ImageError(message, facts);
}
