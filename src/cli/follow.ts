import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "./client.ts";
import { CommandError, EXIT } from "./exit.ts";
import { type Frame, readFrames } from "./frames.ts";

/** How patient a watch is; tests give less. */
export interface Patience {
  /** A stream that says nothing for so long is cut and opened again; the server comments every 15 s. */
  silentMs: number;
  /** Between tries to open it, doubled from the first to the longest. */
  firstTryMs: number;
  longestTryMs: number;
  /** A server that does not come back within this is given up. */
  giveUpMs: number;
}

export const PATIENCE: Patience = {
  silentMs: 45_000,
  firstTryMs: 250,
  longestTryMs: 5000,
  giveUpMs: 120_000,
};

export interface FollowParts {
  client: Pick<ApiClient, "stream">;
  nowMs: () => number;
  patience: Patience;
  /** Ends it. */
  signal: AbortSignal;
  /** The stream broke and will be tried again. */
  onLost(reason: string): void;
  /** It came back. */
  onBack(): void;
}

/**
 * Yields the messages of one stream without loss or doubles, over however many connections that takes. Ends when the
 * server has sent all there is, or the signal says so.
 *
 * @throws CommandError `server-unreachable` when the server stays away, or the API's refusal
 */
export async function* follow(path: string, parts: FollowParts): AsyncGenerator<Frame> {
  const { client, nowMs, patience, signal } = parts;
  let lastEventId = 0;
  let waitMs = patience.firstTryMs;
  let seenAtMs = nowMs();
  let isLost = false;

  const connected = () => {
    if (isLost) parts.onBack();
    isLost = false;
    waitMs = patience.firstTryMs;
    seenAtMs = nowMs();
  };

  while (!signal.aborted) {
    const { cut, listen, quiet } = watchSilence(patience.silentMs);
    try {
      const response = await client.stream(path, lastEventId, AbortSignal.any([signal, cut]));
      if (response === null) return;
      connected();
      for await (const frame of readFrames(response.body ?? NOTHING, listen)) {
        seenAtMs = nowMs();
        lastEventId = frame.id ?? lastEventId;
        yield frame;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CommandError && !isPassing(error)) throw error;
      if (nowMs() - seenAtMs > patience.giveUpMs) throw givenUp(error, patience.giveUpMs);
      if (!isLost) parts.onLost(cut.aborted ? "it fell silent" : reason(error));
      isLost = true;
    } finally {
      quiet();
    }
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, patience.longestTryMs);
  }
}

/** An answer without a body. */
const NOTHING = new Blob([]).stream();

/** A signal that aborts when `listen` is not called for so long. */
function watchSilence(silentMs: number) {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), silentMs);
  return { cut: cut.signal, listen: () => void timer.refresh(), quiet: () => clearTimeout(timer) };
}

/** Whether it may go away by itself: a server that is away or stops. */
function isPassing({ exit, problem }: CommandError): boolean {
  return exit === EXIT.unreachable || (typeof problem?.status === "number" && problem.status >= 500);
}

function givenUp(cause: unknown, afterMs: number): CommandError {
  return new CommandError(`the server has been away for ${Math.round(afterMs / 1000)} s (${reason(cause)})`, {
    exit: EXIT.unreachable,
    code: "server-unreachable",
    cause,
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
