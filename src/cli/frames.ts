/** One message of a stream of server-sent events. */
export interface Frame {
  /** The number to resume behind; samples have none. */
  id: number | undefined;
  /** `message` unless the server named it. */
  event: string;
  data: unknown;
}

/** No message of ours comes near this; a stream that has none in so many characters is not ours. */
const LONGEST = 4 * 2 ** 20;

/**
 * Reads messages as they come (WHATWG HTML, 9.2.6, for streams of UTF-8 with data in JSON).
 *
 * @param onAnything called with each piece, comments too: the server is there
 * @throws Error when the stream breaks or is none
 */
export async function* readFrames(
  pieces: AsyncIterable<Uint8Array>,
  onAnything: () => void,
): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces) {
    onAnything();
    rest += decoder.decode(piece, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop()!;
    if (rest.length > LONGEST) throw new Error("what was streamed is no stream of events");
    for (const block of blocks) {
      const frame = parse(block);
      if (frame !== undefined) yield frame;
    }
  }
}

/** Undefined for comments and settings, which carry no data. */
function parse(block: string): Frame | undefined {
  const data: string[] = [];
  let id: number | undefined;
  let event = "message";
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    else if (name === "event") event = value;
    else if (name === "id" && /^\d{1,15}$/.test(value)) id = Number(value);
  }
  return data.length === 0 ? undefined : { id, event, data: JSON.parse(data.join("\n")) as unknown };
}
