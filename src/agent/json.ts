/** JSON of an agent, of which nothing may be taken for granted. */
export type Loose = Record<string, unknown>;

export function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A string that is there and not empty; undefined for all else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Deeper than anything an agent sends. */
const DEPTH_MOST = 24;

/**
 * Parses JSON that a stranger may have written.
 *
 * @returns undefined when it is none, or nested so deep that whoever walks it could run out of stack
 */
export function readJson(bytes: Buffer): unknown {
  if (depthOf(bytes) > DEPTH_MOST) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

const SIGNS = { quote: 0x22, backslash: 0x5c, openList: 0x5b, closeList: 0x5d, open: 0x7b, close: 0x7d };

/** How deep lists and objects are nested; strings are passed over. */
function depthOf(bytes: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (isInString) {
      if (byte === SIGNS.backslash) at += 1;
      else if (byte === SIGNS.quote) isInString = false;
    } else if (byte === SIGNS.quote) isInString = true;
    else if (byte === SIGNS.open || byte === SIGNS.openList) deepest = Math.max(deepest, (depth += 1));
    else if (byte === SIGNS.close || byte === SIGNS.closeList) depth -= 1;
  }
  return deepest;
}

/** What is too long is read this much further, so that the answer reaches who is still sending. */
const DRAINED_BYTES = 1024 * 1024;

/** @returns undefined when more than `mostBytes` come */
export async function readBody(body: AsyncIterable<Buffer>, mostBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    if (bytes > mostBytes + DRAINED_BYTES) break;
  }
  return bytes > mostBytes ? undefined : Buffer.concat(chunks);
}
