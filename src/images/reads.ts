/**
 * What was read of one disc so far, by GET alone. Times are RFC 3339 and those of the *latest* such read, so that reads
 * after a power event are told from earlier ones by comparing times.
 */
export interface DiscReads {
  firstReadAt: string | null;
  lastReadAt: string | null;
  /** Sum of all bytes sent, repeats included. */
  totalBytes: number;
  /** Distinct 64 KiB blocks that were read at least in part, and how many the disc has. */
  blocksCovered: number;
  blocks: number;
  /** Which blocks, as runs: `0-3,9-9`; absent where they are too many to keep. Rows are merged by it. */
  coverage?: string;
  /** Last read of the boot catalogue. */
  catalogueReadAt: string | null;
  /** Last read of any boot image. */
  bootImageReadAt: string | null;
  /**
   * Last read that was begun beyond descriptors, catalogue, boot images and the places where firmware seeks other file
   * systems: what the loader or the system read.
   */
  beyondReadAt: string | null;
  /**
   * Boots that were begun: a read of the catalogue (or of a descriptor) after at least 2 s without one. `imageAt` is the
   * first read of a boot image that followed, `silentBeforeMs` how long nothing at all had been read before. At most 16,
   * the last ones and the first. `order`, of that first alone: sectors of 2 KiB in which its requests began, until its
   * boot image was asked for; `isRepeat`: a later one asked in the same order.
   */
  bootReads: {
    catalogueAt: string;
    imageAt: string | null;
    silentBeforeMs: number;
    order?: number[];
    isRepeat?: true;
  }[];
  /** Bytes per second over the 10 s before `lastReadAt`. */
  bytesPerSecond: number;
  /** Addresses of the readers, at most 8. */
  readers: string[];
}

/** The counts of a disc that nobody has read yet. */
export const NOTHING_READ: Readonly<DiscReads> = Object.freeze({
  firstReadAt: null,
  lastReadAt: null,
  totalBytes: 0,
  blocksCovered: 0,
  blocks: 0,
  catalogueReadAt: null,
  bootImageReadAt: null,
  beyondReadAt: null,
  bootReads: [],
  bytesPerSecond: 0,
  readers: [],
});

/** What a reader has just reached: at most one of each kind per tenth, so that wake-ups stay few. */
export type ReadMilestone = "first-byte" | "boot-image" | "beyond-boot-image" | "tenth" | "boot-again";

/** How many boots and how many readers a row holds at most. */
export const BOOTS_KEPT = 16;
export const READERS_KEPT = 8;

/**
 * Where read counts are kept between processes. Saving is cheap: one row per disc and writer. A writer's row holds what
 * that writer saw, and `process` is new for each of its lives, so `mergeDiscReads` gives the whole.
 */
export interface ReadCounts {
  save(discId: string, process: string, reads: DiscReads): Promise<void>;
  /** Merged over all processes; undefined when nothing was read. */
  load(discId: string): Promise<DiscReads | undefined>;
  /** The same of many discs at once; those of which nothing was read are missing. */
  loadAll(discIds: readonly string[]): Promise<ReadonlyMap<string, DiscReads>>;
}
