import { TOKEN } from "./fixture.ts";
import { until } from "../until.ts";

export interface Message {
  id: string | undefined;
  event: string;
  // The tests read what they know to be there.
  // oxlint-disable-next-line typescript/no-explicit-any
  data: any;
}

export interface Stream {
  status: number;
  messages: Message[];
  comments: string[];
  /** Resolves when there are that many messages. */
  until(count: number): Promise<Message[]>;
  /** Resolves when the server ended the stream. */
  ended: Promise<void>;
  close(): void;
}

/** Reads a stream of server-sent events as the standard says. */
export async function openStream(url: string, headers: Record<string, string> = {}): Promise<Stream> {
  const stop = new AbortController();
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${TOKEN}`, accept: "text/event-stream", ...headers },
    signal: stop.signal,
  });
  const messages: Message[] = [];
  const comments: string[] = [];
  const ended = read(response, messages, comments);
  return {
    status: response.status,
    messages,
    comments,
    ended,
    until: async (count) => {
      await until(() => messages.length >= count);
      return messages;
    },
    close: () => stop.abort(),
  };
}

async function read(response: Response, messages: Message[], comments: string[]): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true });
      const frames = rest.split("\n\n");
      rest = frames.pop()!;
      for (const text of frames) take(text, messages, comments);
    }
  } catch (error) {
    if ((error as Error).name !== "AbortError" && (error as Error).message !== "terminated") throw error;
  }
}

function take(text: string, messages: Message[], comments: string[]): void {
  const fields = new Map(text.split("\n").map((line) => split(line)));
  if (fields.has("")) comments.push(fields.get("")!);
  const data = fields.get("data");
  if (data === undefined) return;
  messages.push({
    id: fields.get("id"),
    event: fields.get("event") ?? "message",
    data: JSON.parse(data) as unknown,
  });
}

function split(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
