import type { Checksum } from "./checksum.ts";
import { ImageError } from "./errors.ts";
import { type Fetched, type FetchLimits, fetchImage } from "./fetch.ts";
import { keepMade } from "./keep/made.ts";
import { follow, type Recipe, recipeKey } from "./recipe.ts";
import type { Blobs } from "./keep/blobs.ts";
import type { LedgerFile } from "./keep/ledger.ts";
import type { FetchState, StoredImage } from "./store.ts";
import { settle, type Wanted } from "./wanted.ts";

/** Fetches under way, who waits for them, and who holds what. */
export interface Flights {
  /** @throws ImageError when the disk is too full to note that the copy is held */
  ensure(wanted: Wanted, holder: string, onSettled: () => void): Promise<FetchState>;
  /** The copy that a request's checksum names, if it is here. */
  known(wanted: Wanted): StoredImage | undefined;
  release(holder: string): Promise<void>;
  close(): Promise<void>;
}

/** One fetch, however many wait for it. */
interface Flight {
  bytesRead: number;
  sizeBytes: number | null;
  waiting: Map<string, () => void>;
  abort: AbortController;
  /** Resolves when it is over either way and what came of it is noted. */
  over: Promise<void>;
}

/** How long a source may take to say that its bytes are still those that are here, before nobody waits for the answer. */
const QUESTION_MS = 500;

/** How many answers of requests without a checksum are remembered; the oldest are forgotten. */
const SEEN_KEPT = 1_000;

export function createFlights(store: {
  blobs: Blobs;
  ledgerFile: LedgerFile;
  resumePauseMs: number;
  limits: FetchLimits;
}): Flights {
  const { blobs, ledgerFile, resumePauseMs, limits } = store;
  const { ledger } = ledgerFile;
  const flights = new Map<string, Flight>();
  /** Ends of fetches, those called off included. */
  const running = new Set<Promise<void>>();
  /** Failures that a holder has not heard of yet: each hears once, and asking again then begins anew. */
  const failures = new Map<string, ImageError>();
  const failureKey = (holder: string, key: string): string => `${holder}\n${key}`;

  function pin(holder: string, key: string, digest: string): void {
    (ledger.pins[holder] ??= {})[key] = digest;
    blobs.touch(digest);
  }

  const named = (name: string | undefined): StoredImage | undefined => {
    const digest = name?.startsWith("sha256:") && !name.includes(">") ? name : ledger.aliases[name ?? ""];
    return digest === undefined ? undefined : blobs.find(digest);
  };

  /** The copy that has all of these checksums, as far as they were ever checked. */
  function byChecksums(checksums: readonly Checksum[]): StoredImage | undefined {
    const found = checksums.map(({ algorithm, hex }) => named(`${algorithm}:${hex}`));
    const [first] = found;
    return found.every((image) => image !== undefined && image.digest === first?.digest) ? first : undefined;
  }

  function made(raw: StoredImage | undefined, recipe: Recipe | null): StoredImage | undefined {
    return raw === undefined || recipe === null ? raw : named(recipeKey(raw.digest, recipe));
  }

  function known({ checksum, recipe, digest, alias }: Wanted): StoredImage | undefined {
    if (digest !== undefined || alias !== undefined) return named(digest) ?? named(alias);
    const isGiven = checksum !== null && "hex" in checksum;
    return isGiven ? made(byChecksums([checksum]), recipe) : undefined;
  }

  /** What a request led to last, if the source still is of that version. */
  async function unchanged(wanted: Wanted, signal: AbortSignal): Promise<StoredImage | undefined> {
    const seen = ledger.seen[wanted.key];
    const image = seen === undefined ? undefined : blobs.find(seen.digest);
    if (seen === undefined || image === undefined) return undefined;
    return (await wanted.source.isUnchanged(seen.version, signal)) ? blobs.find(seen.digest) : undefined;
  }

  function remember(wanted: Wanted, { image, aliases, version }: Fetched): void {
    for (const alias of aliases) ledger.aliases[alias] = image.digest;
    if (version === null || wanted.checksum !== null || wanted.source.pin !== undefined) return;
    delete ledger.seen[wanted.key];
    ledger.seen[wanted.key] = { digest: image.digest, version };
    for (const key of Object.keys(ledger.seen).slice(0, -SEEN_KEPT)) delete ledger.seen[key];
  }

  function pinAll(flight: Flight, key: string, digest: string): void {
    for (const holder of flight.waiting.keys()) pin(holder, key, digest);
  }

  function unpinAll(flight: Flight, key: string): void {
    for (const holder of flight.waiting.keys()) delete ledger.pins[holder]?.[key];
  }

  /** The bytes as the source sends them: found here, or fetched. @param key under which they are pinned meanwhile */
  async function getRaw(
    wanted: Wanted,
    flight: Flight,
    checksums: Checksum[],
    key: string,
  ): Promise<StoredImage> {
    const { signal } = flight.abort;
    const here =
      byChecksums(checksums) ?? (checksums.length === 0 ? await unchanged(wanted, signal) : undefined);
    if (here !== undefined) {
      pinAll(flight, key, here.digest);
      return here;
    }
    const { source } = wanted;
    const fetched = await fetchImage({
      source,
      checksums,
      blobs,
      signal,
      resumePauseMs,
      limits,
      onDigest: (digest) => pinAll(flight, key, digest),
      onProgress: (bytesRead, sizeBytes) => void Object.assign(flight, { bytesRead, sizeBytes }),
    });
    remember(wanted, fetched);
    return fetched.image;
  }

  async function fetch(wanted: Wanted, flight: Flight): Promise<void> {
    const { checksums, recipe } = await settle(wanted, flight.abort.signal);
    // What is still to be unpacked is no answer to the request, and must not be found as one.
    const rawKey = recipe === null ? wanted.key : `${wanted.key}>raw`;
    try {
      const raw = await getRaw(wanted, flight, checksums, rawKey);
      const image = made(raw, recipe) ?? (await make(wanted, raw, recipe!, flight));
      if (wanted.digest !== undefined && wanted.digest !== image.digest) throw changed(wanted, image);
      if (wanted.alias !== undefined) ledger.aliases[wanted.alias] = image.digest;
      // Whoever joined while the file was put in its place.
      pinAll(flight, wanted.key, image.digest);
    } catch (error) {
      unpinAll(flight, wanted.key);
      throw error;
    } finally {
      if (rawKey !== wanted.key) unpinAll(flight, rawKey);
    }
  }

  /** Unpacks, or takes a member out, once for all who will want the same of these bytes. */
  async function make(
    wanted: Wanted,
    raw: StoredImage,
    recipe: Recipe,
    flight: Flight,
  ): Promise<StoredImage> {
    const { shown } = wanted.source;
    const most = limits.maxBytes;
    const { signal } = flight.abort;
    const bytes = follow(recipe, raw.path, { shown, most });
    const onDigest = (digest: string): void => pinAll(flight, wanted.key, digest);
    const image = await keepMade({ blobs, bytes, signal, shown, onDigest });
    ledger.aliases[recipeKey(raw.digest, recipe)] = image.digest;
    return image;
  }

  async function fly(wanted: Wanted, flight: Flight): Promise<void> {
    let failure: ImageError | undefined;
    try {
      await fetch(wanted, flight);
      await ledgerFile.save();
    } catch (error) {
      failure = error instanceof ImageError ? error : unexpected(wanted, error);
    }
    if (flights.get(wanted.key) === flight) flights.delete(wanted.key);
    for (const [holder, onSettled] of flight.waiting) {
      if (failure !== undefined) failures.set(failureKey(holder, wanted.key), failure);
      onSettled();
    }
  }

  function begin(wanted: Wanted): Flight {
    const flight: Flight = {
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
    const held = ledger.pins[holder]?.[wanted.key];
    return held === undefined ? undefined : blobs.find(held);
  }

  async function hand(wanted: Wanted, holder: string, image: StoredImage): Promise<FetchState> {
    if (ledger.pins[holder]?.[wanted.key] !== image.digest) {
      pin(holder, wanted.key, image.digest);
      await ledgerFile.save();
    }
    return { state: "ready", image };
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
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, QUESTION_MS, false)));
    flight.waiting.set(holder, () => undefined);
    const isOver = await Promise.race([flight.over.then(() => true), late]);
    clearTimeout(timer);
    return isOver;
  }

  return {
    known,
    async ensure(wanted, holder, onSettled) {
      const here = imageOf(wanted, holder) ?? known(wanted);
      if (here !== undefined && !flights.has(wanted.key)) return hand(wanted, holder, here);
      const failed = failureOf(wanted, holder);
      if (failed !== undefined) return failed;
      // With bytes of it here, the source is most likely asked one question.
      const isQuestion = ledger.seen[wanted.key] !== undefined;
      if (isQuestion && (await isAnswered(flights.get(wanted.key) ?? begin(wanted), holder))) {
        const image = imageOf(wanted, holder);
        const came = image === undefined ? failureOf(wanted, holder) : { state: "ready" as const, image };
        if (came !== undefined) return came;
      }
      return join(flights.get(wanted.key) ?? begin(wanted), holder, onSettled);
    },
    async release(holder) {
      for (const key of failures.keys()) if (key.startsWith(`${holder}\n`)) failures.delete(key);
      for (const [key, flight] of flights)
        if (flight.waiting.delete(holder) && flight.waiting.size === 0) callOff(key, flight);
      if (ledger.pins[holder] === undefined) return;
      delete ledger.pins[holder];
      await ledgerFile.save();
    },
    async close() {
      for (const [key, flight] of flights) {
        flight.waiting.clear();
        callOff(key, flight);
      }
      await Promise.all(running);
      await ledgerFile.save();
    },
  };
}

function changed({ source, digest }: Wanted, image: StoredImage): ImageError {
  return new ImageError(`${source.shown} is ${image.digest} by now, and ${digest} was fetched before`, {
    code: "image-checksum-mismatch",
    retryable: false,
    hint: "Deploy again, with what the source has now.",
  });
}

function unexpected(wanted: Wanted, cause: unknown): ImageError {
  return new ImageError(`${wanted.source.shown} could not be put into the image store`, {
    code: "image-unreachable",
    retryable: true,
    hint: "The server's log says more.",
    cause,
  });
}
