import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ChecksumPolicy } from "./checksum.ts";
import { ImageError } from "./errors.ts";
import { createBringer } from "./bring.ts";
import { createFlights, type Flights, type UnderWay } from "./flights.ts";
import type { BlobIndex } from "./keep/blob-index.ts";
import { type Blobs, openBlobs } from "./keep/blobs.ts";
import { newOwner } from "./keep/owner.ts";
import { createOwnBlobs, type OwnBlobs } from "./keep/own.ts";
import { verifyBlob } from "./keep/verify.ts";
import type { Trust } from "./source/agents.ts";
import type { Proxies } from "./source/proxy.ts";
import type { OciSettings } from "./oci/endpoints.ts";
import type { Arch } from "./oci/manifest.ts";
import { parseReference, showReference } from "./oci/reference.ts";
import { createSourceRules, type Resolver } from "./source/rules.ts";
import type { SourceReport } from "./source/source.ts";
import { createTurns } from "./turns.ts";
import { probe, understand, type Wanted, type Ways } from "./wanted.ts";

/** Bytes that somebody wants: where they are and what they must be. */
export interface ImageRequest {
  /** `http(s)://`, `file://`, or `oci://host[:port]/repository[:tag][@digest]`. */
  url: string;
  /** `algo:hex`, bare hex (its length tells the algorithm), or the URL of a checksum file; null takes what comes. */
  checksum: string | null;
  /** Sent as `Authorization` to the image's own origin only. */
  auth?: { username: string; password: string } | { bearer: string };
  /** How the certificate of the image's own origin is judged, beside the system's authorities. */
  tls?: Trust;
  /** One file of what the URL leads to: of a tar archive, plain or packed, or of an artefact of several files. */
  member?: string;
  /** Chooses from an artefact for several machines. */
  arch?: Arch;
  /**
   * `sha256:…` of the image itself, where another copy of this store has had it: what was fetched then is to come again.
   * The checksum is that of what the URL leads to, and with a member that is another file.
   */
  digest?: string;
}

/** An image as it may stand in a record: asked for again, it is the same bytes or an error. */
export interface PinnedImage {
  /** The one that was asked for; in a registry with the digest that its tag led to. */
  url: string;
  /** What the source calls it; null where it cannot say. */
  digest: string | null;
  /** Of what the source sends; null where it was not asked. */
  sizeBytes: number | null;
}

/** One verified copy, shared by all who want the same bytes. */
export interface StoredImage {
  /** `sha256:…` of the content, whatever algorithm the request named. */
  digest: string;
  sizeBytes: number;
  /** Absolute path of the copy. Read-only, and complete. */
  path: string;
}

export type FetchState =
  | { state: "fetching"; bytesRead: number; sizeBytes: number | null }
  | { state: "ready"; image: StoredImage }
  | { state: "failed"; error: ImageError };

/** The content-addressed store of this process's data directory. */
export interface ImageStore {
  /**
   * Joins or begins the one fetch of these bytes and says how it stands: at once, or after half a second at most where bytes
   * are here and their source is only asked whether it still has the same.
   *
   * @param holder who needs the copy; it stays until every holder has released it
   * @param onSettled called once when a fetch that was still running has ended either way
   */
  ensure(request: ImageRequest, holder: string, onSettled: () => void): Promise<FetchState>;
  /** The copy of this digest, if this process has it. */
  find(digest: string): Promise<StoredImage | undefined>;
  release(holder: string): Promise<void>;
  /** Ends running fetches. */
  close(): Promise<void>;
}

/** What a store has. */
export interface Stock {
  /** The last used first. */
  images: (Omit<StoredImage, "path"> & { usedMs: number; holders: string[] })[];
  /** What this process brings or waits for. */
  underWay: UnderWay[];
  /** What the copies take together, and may take. */
  usedBytes: number;
  capBytes: number;
}

/** The store as its owner has it. */
export interface LocalImageStore extends ImageStore {
  /**
   * Judges a request by its words alone, asking nobody.
   *
   * @throws ImageError `image-not-allowed` or `checksum-invalid`
   */
  admit(request: ImageRequest): void;
  /**
   * Finds out what exactly a request stands for now, as it is to be kept. Only registries are asked.
   *
   * @throws ImageError as a fetch would
   */
  resolve(request: ImageRequest): Promise<PinnedImage>;
  /**
   * Finds out whether an image could be fetched, without fetching it.
   *
   * @throws ImageError as a fetch would
   */
  checkSource(request: ImageRequest): Promise<SourceReport>;
  /**
   * Keeps bytes that were made here, under the digest that they have.
   *
   * @throws ImageError `image-store-full` or `image-too-large`
   */
  add(bytes: Uint8Array, holder: string): Promise<StoredImage>;
  /** Holds a copy that is here already; undefined when it is not. */
  hold(digest: string, holder: string): Promise<StoredImage | undefined>;
  list(): Promise<Stock>;
  /** @returns whether there was such a copy @throws ImageError `image-in-use` while somebody holds it */
  remove(digest: string): Promise<boolean>;
  /** Reads a copy again. One that is not sound any more is gone then, whoever holds it. @returns undefined where there is none */
  verify(digest: string): Promise<boolean | undefined>;
  /** Who holds copies, from earlier starts too, so that those who are gone can be released. */
  holders(): Promise<string[]>;
}

export interface ImageStoreOptions {
  /** Made if absent. Other processes of this host may use it too; nothing else may write there. */
  folder: string;
  /** Opens what is remembered beside the files, in a file of this path. */
  openIndex(path: string): BlobIndex;
  /** How much the copies may take together; what nobody holds goes first, the longest unused before others. */
  capBytes: number;
  /** Hosts, CIDRs and absolute paths that images may come from; see `createSourceRules` for what none means. */
  allow?: readonly string[];
  proxies?: Proxies;
  /** How names are resolved; by the system unless told. */
  resolve?: Resolver;
  /** Size and time that one image may take, and how long its source may be silent. */
  limits?: { maxBytes?: number; maxMs?: number; idleMs?: number };
  /** Whether an image needs a checksum, and whether MD5 and SHA-1 count; neither unless told. */
  checksums?: Partial<ChecksumPolicy>;
  /** Mirrors, credentials and certificates of registries. */
  oci?: OciSettings;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Pause before a cut-off fetch is continued, doubled with each try that brings nothing; 500 ms unless told. */
  resumePauseMs?: number;
}

/** Opens the store of a folder. Nothing is read before the first call. */
export function createImageStore(options: ImageStoreOptions): LocalImageStore {
  const ways = waysOf(options);
  let opened: ReturnType<typeof open> | undefined;
  let closed: Promise<void> | undefined;
  const opening = (): ReturnType<typeof open> => (opened ??= open(options));

  return {
    async ensure(request, holder, onSettled) {
      try {
        const wanted = understand(request, ways);
        return await (await opening()).flights.ensure(wanted, holder, onSettled);
      } catch (error) {
        if (error instanceof ImageError) return { state: "failed", error };
        throw error;
      }
    },
    async find(digest) {
      const { blobs } = await opening();
      blobs.touch(digest);
      return blobs.find(digest);
    },
    admit(request) {
      understand(request, ways);
    },
    async resolve(request) {
      const { source } = understand(request, ways);
      const pinned = await source.pin?.(AbortSignal.timeout(RESOLVE_MS));
      if (pinned === undefined) return { url: request.url, digest: null, sizeBytes: null };
      const { digest, sizeBytes } = pinned;
      return { url: showReference({ ...parseReference(request.url), digest }), digest, sizeBytes };
    },
    async checkSource(request) {
      const wanted = understand(request, ways);
      const stored = (await opening()).known(wanted);
      if (stored !== undefined) return { sizeBytes: stored.sizeBytes, acceptsRanges: true, isStored: true };
      return { ...(await probe(wanted)), isStored: false };
    },
    async add(bytes, holder) {
      return (await opening()).own.add(bytes, holder);
    },
    async hold(digest, holder) {
      return (await opening()).own.hold(digest, holder);
    },
    async list() {
      const { index, flights } = await opening();
      const images = index.list();
      const usedBytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      return { images, underWay: flights.list(), usedBytes, capBytes: options.capBytes };
    },
    async remove(digest) {
      return (await opening()).blobs.remove(digest, false);
    },
    async verify(digest) {
      return verifyBlob((await opening()).blobs, digest);
    },
    async holders() {
      return (await opening()).index.holders();
    },
    async release(holder) {
      await (await opening()).flights.release(holder);
    },
    async close() {
      await (closed ??= opened?.then((parts) => parts.close()));
    },
  };
}

/** A day of hundred megabits is more than any image has. */
const MAX_MS = 24 * 60 * 60 * 1000;
const IDLE_MS = 60_000;

/** Whoever asks for a deployment waits for this. */
const RESOLVE_MS = 30_000;

function waysOf(options: ImageStoreOptions): Ways {
  const { allow, resolve, proxies = {}, limits = {}, checksums = {}, oci = {} } = options;
  return {
    network: { rules: createSourceRules(allow, resolve), proxies, idleMs: limits.idleMs ?? IDLE_MS },
    policy: { isRequired: false, allowsWeak: false, ...checksums },
    oci,
  };
}

/** The parts of an open store. */
interface Open {
  blobs: Blobs;
  index: BlobIndex;
  own: OwnBlobs;
  flights: Flights;
  known(wanted: Wanted): StoredImage | undefined;
  close(): Promise<void>;
}

async function open(options: ImageStoreOptions): Promise<Open> {
  const { folder, capBytes, clock: now = Date.now, resumePauseMs = 500 } = options;
  const { maxBytes = Infinity, maxMs = MAX_MS } = options.limits ?? {};
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const index = options.openIndex(join(folder, "index.db"));
  const owner = newOwner(now());
  index.beat(owner);
  const blobs = await openBlobs({ folder, capBytes, index, owner, now });
  const turns = createTurns({ index, owner, now });
  const bringer = createBringer({ blobs, index, turns, resumePauseMs, limits: { maxBytes, maxMs } });
  const flights = createFlights({ blobs, index, bringer });
  return {
    blobs,
    index,
    own: createOwnBlobs(blobs, index),
    flights,
    known: (wanted) => bringer.known(wanted),
    async close() {
      await flights.close();
      turns.close();
      index.close();
    },
  };
}
