import type { Checksum } from "./checksum.ts";
import { ImageError } from "./errors.ts";
import { type Fetched, type FetchLimits, fetchImage } from "./fetch.ts";
import type { BlobIndex } from "./keep/blob-index.ts";
import type { Blobs } from "./keep/blobs.ts";
import { keepMade } from "./keep/made.ts";
import { follow, type Recipe, recipeKey } from "./recipe.ts";
import type { StoredImage } from "./image.ts";
import type { Version } from "./source/source.ts";
import type { Turns } from "./turns.ts";
import { settle, type Wanted } from "./wanted.ts";

/** Gets bytes into the store: by what is known of them, by what another process brings, or by fetching them. */
export interface Bringer {
  /** The copy that a request's own words name, if it is here. */
  known(wanted: Wanted): StoredImage | undefined;
  /** @throws ImageError, and nothing that was not asked for is left behind */
  bring(wanted: Wanted, journey: Journey): Promise<StoredImage>;
}

/** For whom something is brought. */
export interface Journey {
  signal: AbortSignal;
  onProgress(bytesRead: number, sizeBytes: number | null): void;
  /** Holds a blob for all who wait, under a key. */
  pin(key: string, digest: string): void;
  unpin(key: string): void;
  /** Whether the source has just said that it is of that version, to somebody for whom this is brought. */
  isVouchedFor(version: Version): boolean;
}

export function createBringer(store: {
  blobs: Blobs;
  index: BlobIndex;
  turns: Turns;
  resumePauseMs: number;
  limits: FetchLimits;
}): Bringer {
  const { blobs, index, turns, resumePauseMs, limits } = store;

  const named = (name: string | undefined): StoredImage | undefined => {
    if (name === undefined) return undefined;
    const digest = name.startsWith("sha256:") && !name.includes(">") ? name : index.alias(name);
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

  /** What a request led to last, if the source still is of that version. */
  async function unchanged(wanted: Wanted, journey: Journey): Promise<StoredImage | undefined> {
    const seen = index.seen(wanted.key);
    if (seen === undefined || blobs.find(seen.digest) === undefined) return undefined;
    const isSame =
      journey.isVouchedFor(seen.version) || (await wanted.source.isUnchanged(seen.version, journey.signal));
    return isSame ? blobs.find(seen.digest) : undefined;
  }

  function remember(wanted: Wanted, { image, aliases, version }: Fetched): void {
    for (const alias of aliases) index.setAlias(alias, image.digest);
    index.setSource(image.digest, wanted.source.shown);
    if (version === null || wanted.checksum !== null || wanted.source.pin !== undefined) return;
    index.setSeen(wanted.key, image.digest, version);
  }

  /** The bytes as the source sends them: found here, or fetched. @param key under which they are held meanwhile */
  async function getRaw(
    wanted: Wanted,
    journey: Journey,
    checksums: Checksum[],
    key: string,
  ): Promise<StoredImage> {
    const { signal } = journey;
    const here = checksums.length === 0 ? await unchanged(wanted, journey) : byChecksums(checksums);
    if (here !== undefined) {
      journey.pin(key, here.digest);
      return here;
    }
    const fetched = await fetchImage({
      source: wanted.source,
      checksums,
      blobs,
      signal,
      resumePauseMs,
      limits,
      onDigest: (digest) => journey.pin(key, digest),
      onProgress(bytesRead, sizeBytes) {
        journey.onProgress(bytesRead, sizeBytes);
        turns.progress(wanted.key, bytesRead, sizeBytes);
      },
    });
    remember(wanted, fetched);
    return fetched.image;
  }

  /** Unpacks, or takes a member out, once for all who will want the same of these bytes. */
  async function make(
    wanted: Wanted,
    raw: StoredImage,
    recipe: Recipe,
    journey: Journey,
  ): Promise<StoredImage> {
    const { shown } = wanted.source;
    const bytes = follow(recipe, raw.path, { shown, most: limits.maxBytes });
    const image = await keepMade({
      blobs,
      bytes,
      signal: journey.signal,
      shown,
      onDigest: (digest) => journey.pin(wanted.key, digest),
    });
    index.setAlias(recipeKey(raw.digest, recipe), image.digest);
    index.setSource(image.digest, `${recipe.member ?? "what is packed"} in ${shown}`);
    return image;
  }

  async function get(wanted: Wanted, journey: Journey): Promise<StoredImage> {
    const { checksums, recipe } = await settle(wanted, journey.signal);
    // What is still to be unpacked is no answer to the request, and must not be found as one.
    const rawKey = recipe === null ? wanted.key : `${wanted.key}>raw`;
    try {
      const raw = await getRaw(wanted, journey, checksums, rawKey);
      const image = made(raw, recipe) ?? (await make(wanted, raw, recipe!, journey));
      if (wanted.digest !== undefined && wanted.digest !== image.digest) throw changed(wanted, image);
      if (wanted.alias !== undefined) index.setAlias(wanted.alias, image.digest);
      return image;
    } catch (error) {
      journey.unpin(wanted.key);
      throw error;
    } finally {
      if (rawKey !== wanted.key) journey.unpin(rawKey);
    }
  }

  return {
    known({ checksum, recipe, digest, alias }) {
      if (digest !== undefined || alias !== undefined) return named(digest) ?? named(alias);
      const isGiven = checksum !== null && "hex" in checksum;
      return isGiven ? made(byChecksums([checksum]), recipe) : undefined;
    },
    async bring(wanted, journey) {
      const { shown } = wanted.source;
      const { signal } = journey;
      const onProgress: Journey["onProgress"] = (bytesRead, sizeBytes) =>
        journey.onProgress(bytesRead, sizeBytes);
      const brought = named(await turns.take(wanted.key, { shown, signal, onProgress }));
      if (brought !== undefined) return brought;
      try {
        const image = await get(wanted, journey);
        turns.end(wanted.key, { digest: image.digest });
        return image;
      } catch (error) {
        // Being called off here is no failure for those who wait elsewhere.
        const isTold = error instanceof ImageError && !signal.aborted;
        turns.end(wanted.key, isTold ? { error } : null);
        throw error;
      }
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
