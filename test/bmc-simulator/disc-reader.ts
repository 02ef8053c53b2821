import { createWriteStream } from "node:fs";
import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A disc could not be read. `status` is the image server's answer; null when it gave none. */
export class DiscError extends Error {
  readonly status: number | null;

  constructor(message: string, status: number | null = null, cause?: unknown) {
    super(message, { cause });
    this.name = "DiscError";
    this.status = status;
  }
}

/** Reads one disc by ranges over one kept-alive connection, as the virtual drive of a BMC does. */
export interface DiscReader {
  /** Bytes of the whole disc; null before the first read. */
  readonly sizeBytes: number | null;
  /** Gives up to `length` bytes; fewer only at the end of the disc. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Reads like `read` and throws the bytes away; gives how many there were. */
  skim(offset: number, length: number): Promise<number>;
  close(): void;
}

/** BMCs give up on a silent image server sooner or later; this one after half a minute. */
const SILENCE_MS = 30_000;

/** Pause between two questions for an image server that is away. */
const ASK_AGAIN_MS = 50;

/**
 * Opens nothing yet. Certificates are not verified: most BMCs do not. All reads fail once `signal` is aborted.
 *
 * @param patienceMs how long one read is tried again while the server is away or breaks off; not at all unless told
 */
export function openDisc(url: string, signal: AbortSignal, patienceMs = 0): DiscReader {
  const agent = url.startsWith("https:")
    ? new TlsAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
    : new PlainAgent({ keepAlive: true, maxSockets: 1 });
  let sizeBytes: number | null = null;

  async function range(offset: number, length: number): Promise<IncomingMessage> {
    const headers = { range: `bytes=${offset}-${offset + length - 1}` };
    const answer = await get(url, { headers, agent, signal });
    const total = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(answer.headers["content-range"]));
    if (answer.statusCode !== 206 || total === null || Number(total[1]) !== offset) {
      answer.destroy();
      throw new DiscError(`asked for ${headers.range}, the image server answered ${answer.statusCode}`, 200);
    }
    sizeBytes = Number(total[2]);
    return answer;
  }

  async function patiently<T>(read: () => Promise<T>): Promise<T> {
    const endsAt = performance.now() + patienceMs;
    for (;;) {
      try {
        return await read();
      } catch (error) {
        const isAway = error instanceof DiscError && error.status === null;
        if (!isAway || signal.aborted || performance.now() >= endsAt) throw error;
        await sleep(ASK_AGAIN_MS, undefined, { signal });
      }
    }
  }

  async function readOnce(offset: number, length: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    await drain(await range(offset, length), (chunk) => chunks.push(chunk));
    return Buffer.concat(chunks);
  }

  async function skimOnce(offset: number, length: number): Promise<number> {
    let count = 0;
    await drain(await range(offset, length), (chunk) => (count += chunk.length));
    return count;
  }

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    read: (offset, length) => patiently(() => readOnce(offset, length)),
    skim: (offset, length) => patiently(() => skimOnce(offset, length)),
    close: () => agent.destroy(),
  };
}

/**
 * Fetches a disc whole with one GET, as UEFI firmware does before it boots from memory (EDK II, HttpBootDxe), and reads it from
 * there.
 */
export async function fetchDisc(url: string, signal: AbortSignal): Promise<DiscReader> {
  const chunks: Buffer[] = [];
  await drain(await get(url, { headers: {}, signal }), (chunk) => chunks.push(chunk));
  const disc = Buffer.concat(chunks);
  const read = async (offset: number, length: number) => disc.subarray(offset, offset + length);
  return {
    sizeBytes: disc.length,
    read,
    skim: async (offset, length) => (await read(offset, length)).length,
    close: () => {},
  };
}

/** Copies the whole of what `url` answers into a file with one GET; what it is, is not looked at. */
export async function copyDisc(
  url: string,
  path: string,
  { signal, bytesPerSecond }: { signal: AbortSignal; bytesPerSecond: number | null },
): Promise<void> {
  const answer = await get(url, { headers: {}, signal });
  const slowly = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      if (bytesPerSecond !== null) await sleep((chunk.length / bytesPerSecond) * 1000, undefined, { signal });
      yield chunk;
    }
  };
  await pipeline(answer, slowly, createWriteStream(path), { signal }).catch((error: unknown) => {
    throw new DiscError("the image server broke off", null, error);
  });
}

interface GetOptions {
  headers: Record<string, string>;
  agent?: PlainAgent;
  signal: AbortSignal;
}

async function get(url: string, { headers, agent, signal }: GetOptions): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.startsWith("https:") ? tlsRequest : plainRequest;
    const options = { headers, signal, rejectUnauthorized: false, ...(agent === undefined ? {} : { agent }) };
    const sent = send(url, options, resolve);
    sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error("the image server is silent")));
    sent.on("error", reject).end();
  }).catch((error: unknown) => {
    throw new DiscError("the image server could not be reached", null, error);
  });
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  answer.destroy();
  throw new DiscError(`the image server answered ${status}`, status);
}

async function drain(answer: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  try {
    for await (const chunk of answer) take(chunk as Buffer);
  } catch (error) {
    throw new DiscError("the image server broke off", null, error);
  }
}
