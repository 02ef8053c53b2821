import type { Bringer } from "./bring.ts";
import { ImageError } from "./errors.ts";
import type { BlobIndex } from "./keep/blob-index.ts";
import type { Blobs } from "./keep/blobs.ts";
import { failOnDisk } from "./keep/disk.ts";
import type { FetchState, StoredImage } from "./image.ts";
import type { Version } from "./source/source.ts";
import type { Wanted } from "./wanted.ts";

/** What is on its way within this process, who waits for it, and who holds what. */
export interface Flights {
  /** @throws ImageError when the disk is too full to note that the copy is held */
  ensure(wanted: Wanted, holder: string, onSettled: () => void): Promise<FetchState>;
  /** Notes what a source has just said to a holder who is going to want its bytes. */
  vouch(wanted: Wanted, holder: string, version: Version): void;
  release(holder: string): Promise<void>;
  /** What is on its way. */
  list(): UnderWay[];
  close(): Promise<void>;
}

/** One image that comes. */
export interface UnderWay {
  /** For people: without user info and query. */
  source: string;
  bytesRead: number;
  sizeBytes: number | null;
  holders: string[];
}

/** One fetch, however many wait for it. */
interface Flight {
  shown: string;
  bytesRead: number;
  sizeBytes: number | null;
  waiting: Map<string, () => void>;
  abort: AbortController;
  /** Resolves when it is over either way and what came of it is noted. */
  over: Promise<void>;
}

/** How long what a source has said of itself counts for whom it was said to. */
const VOUCHED_MS = 30_000;

/** @param store.questionMs how long a source may take to say that its bytes are still those that are here */
export function createFlights(store: {
  blobs: Blobs;
  index: BlobIndex;
  bringer: Bringer;
  questionMs: number;
}): Flights {
  const { blobs, index, bringer, questionMs } = store;
  const flights = new Map<string, Flight>();
  /** Ends of fetches, those called off included. */
  const running = new Set<Promise<void>>();
  /** Failures that a holder has not heard of yet: each hears once, and asking again then begins anew. */
  const failures = new Map<string, ImageError>();
  /** By holder and key: what its source has said, and when. */
  const vouched = new Map<string, { version: Version; atMs: number }>();
  const failureKey = (holder: string, key: string): string => `${holder}\n${key}`;

  async function fly(wanted: Wanted, flight: Flight): Promise<void> {
    let failure: ImageError | undefined;
    const each = (change: (holder: string) => void): void => [...flight.waiting.keys()].forEach(change);
    try {
      const image = await bringer.bring(wanted, {
        signal: flight.abort.signal,
        onProgress: (bytesRead, sizeBytes) => void Object.assign(flight, { bytesRead, sizeBytes }),
        pin: (key, digest) => each((holder) => index.pin(holder, key, digest)),
        unpin: (key) => each((holder) => index.unpin(holder, key)),
        isVouchedFor: (version) =>
          [...flight.waiting.keys()].some((holder) => isVouched(wanted.key, holder, version)),
      });
      // Those too who joined while the file was put in its place.
      each((holder) => index.pin(holder, wanted.key, image.digest));
      blobs.touch(image.digest);
    } catch (error) {
      failure = error instanceof ImageError ? error : unexpected(wanted, error);
    }
    if (flights.get(wanted.key) === flight) flights.delete(wanted.key);
    for (const [holder, onSettled] of flight.waiting) {
      if (failure !== undefined) failures.set(failureKey(holder, wanted.key), failure);
      onSettled();
    }
  }

  function isVouched(key: string, holder: string, { etag, lastModified }: Version): boolean {
    const said = vouched.get(failureKey(holder, key));
    if (said === undefined || performance.now() - said.atMs > VOUCHED_MS) return false;
    return said.version.etag === etag && said.version.lastModified === lastModified;
  }

  function begin(wanted: Wanted): Flight {
    const flight: Flight = {
      shown: wanted.source.shown,
      bytesRead: 0,
      sizeBytes: null,
      waiting: new Map(),
      abort: new AbortController(),
      over: Promise.resolve(),
    };
    flights.set(wanted.key, flight);
    flight.over = fly(wanted, flight).finally(() => running.delete(flight.over));
    running.add(flight.over);
    return flight;
  }

  /** Takes a fetch away from whoever comes next, and ends it. */
  function callOff(key: string, flight: Flight): void {
    flights.delete(key);
    flight.abort.abort();
  }

  /** The copy that is held for this request already. */
  function imageOf(wanted: Wanted, holder: string): StoredImage | undefined {
    const held = index.pinned(holder, wanted.key);
    return held === undefined ? undefined : blobs.find(held);
  }

  function hand(wanted: Wanted, holder: string, image: StoredImage): FetchState | undefined {
    if (index.pinned(holder, wanted.key) === image.digest) return { state: "ready", image };
    index.pin(holder, wanted.key, image.digest);
    blobs.touch(image.digest);
    // Another process may have let go of it just before it was held.
    if (blobs.find(image.digest) !== undefined) return { state: "ready", image };
    index.unpin(holder, wanted.key);
    return undefined;
  }

  function failureOf(wanted: Wanted, holder: string): FetchState | undefined {
    const error = failures.get(failureKey(holder, wanted.key));
    failures.delete(failureKey(holder, wanted.key));
    return error && { state: "failed", error };
  }

  function join(flight: Flight, holder: string, onSettled: () => void): FetchState {
    flight.waiting.set(holder, onSettled);
    return { state: "fetching", bytesRead: flight.bytesRead, sizeBytes: flight.sizeBytes };
  }

  /** Waits a moment. @returns whether the flight is over */
  async function isAnswered(flight: Flight, holder: string): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, questionMs, false)));
    flight.waiting.set(holder, () => undefined);
    const isOver = await Promise.race([flight.over.then(() => true), late]);
    clearTimeout(timer);
    return isOver;
  }

  async function ensure(wanted: Wanted, holder: string, onSettled: () => void): Promise<FetchState> {
    const here = imageOf(wanted, holder) ?? bringer.known(wanted);
    const handed = here === undefined || flights.has(wanted.key) ? undefined : hand(wanted, holder, here);
    if (handed !== undefined) return handed;
    const failed = failureOf(wanted, holder);
    if (failed !== undefined) return failed;
    // With bytes of it here, the source is most likely asked one question.
    const isQuestion = index.seen(wanted.key) !== undefined;
    if (isQuestion && (await isAnswered(flights.get(wanted.key) ?? begin(wanted), holder))) {
      const image = imageOf(wanted, holder);
      const came = image === undefined ? failureOf(wanted, holder) : { state: "ready" as const, image };
      if (came !== undefined) return came;
    }
    return join(flights.get(wanted.key) ?? begin(wanted), holder, onSettled);
  }

  return {
    ensure: (wanted, holder, onSettled) => ensure(wanted, holder, onSettled).catch(asImageError),
    vouch({ key }, holder, version) {
      vouched.set(failureKey(holder, key), { version, atMs: performance.now() });
    },
    async release(holder) {
      for (const kept of [failures, vouched])
        for (const key of kept.keys()) if (key.startsWith(`${holder}\n`)) kept.delete(key);
      for (const [key, flight] of flights)
        if (flight.waiting.delete(holder) && flight.waiting.size === 0) callOff(key, flight);
      index.release(holder);
    },
    list: () =>
      [...flights.values()].map(({ shown, bytesRead, sizeBytes, waiting }) => ({
        source: shown,
        bytesRead,
        sizeBytes,
        holders: [...waiting.keys()],
      })),
    async close() {
      for (const [key, flight] of flights) {
        flight.waiting.clear();
        callOff(key, flight);
      }
      await Promise.all(running);
    },
  };
}

/** The index is a file too. */
function asImageError(error: unknown): never {
  if ((error as NodeJS.ErrnoException).code === "ENOSPC") failOnDisk(error as NodeJS.ErrnoException);
  throw error;
}

function unexpected(wanted: Wanted, cause: unknown): ImageError {
  try {
    asImageError(cause);
  } catch (error) {
    if (error instanceof ImageError) return error;
  }
  return new ImageError(`${wanted.source.shown} could not be put into the image store`, {
    code: "image-unreachable",
    retryable: true,
    hint: "The server's log says more.",
    cause,
  });
}
