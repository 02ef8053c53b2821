import { Agent, get, type IncomingMessage } from "node:http";

/** What the bench reads of an event. */
export interface StreamedEvent {
  type: string;
  recordId: string;
  at: string;
}

/** One client of a stream of events. */
export interface StreamReader {
  /** Resolves when the stream has begun. */
  opened: Promise<void>;
  /** Resolves when it was ended from here. @throws Error when it ended otherwise */
  over: Promise<void>;
}

/** Reads `path` as server-sent events on a connection of its own, until the signal is aborted. */
export function readStream(
  { apiUrl, token }: { apiUrl: string; token: string },
  path: string,
  onEvent: (event: StreamedEvent) => void,
  signal: AbortSignal,
): StreamReader {
  const opened = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const fail = (error: Error): void => {
    if (signal.aborted) return over.resolve();
    opened.reject(error);
    over.reject(error);
  };
  const headers = { accept: "text/event-stream", authorization: `Bearer ${token}` };
  const asked = get(`${apiUrl}${path}`, { headers, agent: new Agent(), signal }, (answer) => {
    if (answer.statusCode !== 200) return fail(new Error(`${path} was answered ${answer.statusCode}`));
    opened.resolve();
    answer.once("error", fail).once("end", () => fail(new Error(`${path} ended`)));
    readEvents(answer, onEvent);
  });
  asked.once("error", fail);
  return { opened: opened.promise, over: over.promise };
}

/** Samples, comments and the wait before a reconnection have no id, and are passed over. */
function readEvents(answer: IncomingMessage, onEvent: (event: StreamedEvent) => void): void {
  let rest = "";
  answer.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n\n");
    rest = parts.pop()!;
    for (const part of parts) {
      const [, data] = /^id: \d+\ndata: (.*)$/s.exec(part) ?? [];
      if (data !== undefined) onEvent(JSON.parse(data) as StreamedEvent);
    }
  });
}
