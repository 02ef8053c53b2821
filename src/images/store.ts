import type { ChecksumPolicy } from "./checksum.ts";
import { ImageError } from "./errors.ts";
import type { UnderWay } from "./flights.ts";
import type { FetchState, ImageRequest, PinnedImage, StoredImage } from "./image.ts";
import type { BlobIndex } from "./keep/blob-index.ts";
import { verifyBlob } from "./keep/verify.ts";
import type { OciSettings } from "./oci/endpoints.ts";
import { parseReference, showReference } from "./oci/reference.ts";
import { openStore, type OpenStore, waysOf } from "./open-store.ts";
import type { Proxies } from "./source/proxy.ts";
import type { Resolver } from "./source/rules.ts";
import type { SourceReport } from "./source/source.ts";
import { probe, understand } from "./wanted.ts";

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
  images: (Omit<StoredImage, "path"> & { usedMs: number; holders: string[]; source: string | null })[];
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
   * @param holder who is going to want it: the source is not asked again for a while whether it still has the same
   * @throws ImageError as a fetch would
   */
  checkSource(request: ImageRequest, holder?: string): Promise<SourceReport>;
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
  /**
   * How long a source may take to say that its bytes are still those that are here, before the answer comes as that of a
   * fetch; 500 ms unless told.
   */
  questionMs?: number;
}

/** Whoever asks for a deployment waits for this. */
const RESOLVE_MS = 30_000;

/** Opens the store of a folder. Nothing is read before the first call. */
export function createImageStore(options: ImageStoreOptions): LocalImageStore {
  const ways = waysOf(options);
  let opened: Promise<OpenStore> | undefined;
  let closed: Promise<void> | undefined;
  const opening = (): Promise<OpenStore> => (opened ??= openStore(options));

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
    async checkSource(request, holder) {
      const wanted = understand(request, ways);
      const parts = await opening();
      const stored = parts.known(wanted);
      if (stored !== undefined) return { sizeBytes: stored.sizeBytes, acceptsRanges: true, isStored: true };
      const { version, ...report } = await probe(wanted);
      if (holder !== undefined && version !== null) parts.flights.vouch(wanted, holder, version);
      return { ...report, isStored: false };
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
