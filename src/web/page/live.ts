import type { Progress, EventAnswer } from "../../client/index.ts";

/** `live`: what happens is shown at once. `lost`: it is not, and the connection is tried again. `over`: nothing more comes. */
export type LiveState = "connecting" | "live" | "lost" | "over";

export interface LiveParts {
  onEvent: (event: EventAnswer) => void;
  onProgress?: (progress: Progress) => void;
  /** Events that were not seen are gone: what is shown must be read anew. */
  onReset: () => void;
  onState: (state: LiveState) => void;
  /** Whether the stream ends with this event. */
  isLast?: (event: EventAnswer) => boolean;
  /** The browser's, unless a test has its own. */
  EventSource: new (
    url: string,
  ) => EventSource;
  retryMs?: number;
}

const RETRY_MS = 2000;

/** The last number that a stream gave; it resumes behind it. */
interface Place {
  last: string;
}

/**
 * Follows a stream of events over lost connections and restarts of the server, without a gap. The browser's own way back
 * gives up when the server answers anything but a stream, so a closed stream is opened anew.
 *
 * @returns a function that ends it
 */
export function follow(path: string, parts: LiveParts): () => void {
  const place: Place = { last: "" };
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  const close = () => {
    source?.close();
    clearTimeout(timer);
  };
  const open = () => {
    source = new parts.EventSource(place.last === "" ? path : `${path}?after=${place.last}`);
    source.addEventListener("open", () => parts.onState("live"));
    source.addEventListener("message", (message: MessageEvent) => {
      place.last = message.lastEventId;
      const event = JSON.parse(message.data as string) as EventAnswer;
      isOver ||= parts.isLast?.(event) === true;
      parts.onEvent(event);
    });
    source.addEventListener("progress", (message) => {
      const { data } = message as MessageEvent & { data: string };
      parts.onProgress?.((JSON.parse(data) as { progress: Progress }).progress);
    });
    source.addEventListener("reset", () => {
      place.last = "";
      parts.onReset();
    });
    source.addEventListener("error", () => {
      close();
      parts.onState(isOver ? "over" : "lost");
      if (!isOver) timer = setTimeout(open, parts.retryMs ?? RETRY_MS);
    });
  };
  parts.onState("connecting");
  open();
  return close;
}
