import type { Response } from "express";

export interface SsePace {
  /** A comment this often keeps proxies from closing a quiet stream. */
  commentEveryMs: number;
  /** A client that takes nothing for this long is dropped. */
  stuckMs: number;
}

export const SSE_PACE: SsePace = { commentEveryMs: 15_000, stuckMs: 30_000 };

/** Writes one stream of server-sent events, at the pace of its reader. */
export interface SseWriter {
  /** False while the reader is behind: then `onReady` says when to go on. Nothing is kept beyond the socket's buffer. */
  readonly isReady: boolean;
  write(text: string): void;
  onReady(goOn: () => void): void;
  end(): void;
  /** Aborted when the reader has gone, or the server stops. */
  readonly signal: AbortSignal;
}

/** Begins the stream on a response to which nothing has been written. */
export function openSse(response: Response, signal: AbortSignal, pace: SsePace): SseWriter {
  let isReady = true;
  let goOn: (() => void) | undefined;
  let stuck: NodeJS.Timeout | undefined;

  const write = (text: string) => {
    if (response.writableEnded || response.destroyed || response.write(text)) return;
    isReady = false;
    stuck ??= setTimeout(() => response.destroy(), pace.stuckMs);
  };
  const end = () => response.end();
  const comments = setInterval(() => isReady && write(": still here\n\n"), pace.commentEveryMs);
  response.on("drain", () => {
    clearTimeout(stuck);
    stuck = undefined;
    isReady = true;
    goOn?.();
  });
  response.on("close", () => {
    clearInterval(comments);
    clearTimeout(stuck);
  });
  signal.addEventListener("abort", end);

  sendHead(response);
  write("retry: 2000\n\n");
  return {
    get isReady() {
      return isReady;
    },
    write,
    onReady: (next) => {
      goOn = next;
    },
    end,
    signal,
  };
}

function sendHead(response: Response): void {
  response.status(200).set({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    // Keeps nginx from collecting events before it passes them on.
    "x-accel-buffering": "no",
  });
  response.flushHeaders();
}

/** One event's text. JSON has no line breaks, so `data` is one line. */
export function frame(message: { id?: number; event?: string; data: unknown }): string {
  const id = message.id === undefined ? "" : `id: ${message.id}\n`;
  const event = message.event === undefined ? "" : `event: ${message.event}\n`;
  return `${id}${event}data: ${JSON.stringify(message.data)}\n\n`;
}
