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
  /** Last read of the boot catalogue. */
  catalogueReadAt: string | null;
  /** Last read of any boot image. */
  bootImageReadAt: string | null;
  /** Last read of anything beyond descriptors, catalogue and boot images: what the loader or the system read. */
  beyondReadAt: string | null;
  /**
   * Times at which a boot was begun: a read of the catalogue (or of the first descriptor) after at least 2 s without one,
   * each with the boot image's first read that followed. At most the last 16.
   */
  bootReads: { catalogueAt: string; imageAt: string | null }[];
  /** Bytes per second over the last 10 s. */
  bytesPerSecond: number;
  /** Addresses of the readers, at most 8. */
  readers: string[];
}

/** What a reader has just reached: at most one of each kind per tenth, so that wake-ups stay few. */
export type ReadMilestone = "first-byte" | "boot-image" | "beyond-boot-image" | "tenth" | "boot-again";

/** Where read counts are kept between processes. Saving is cheap: one row per disc and process. */
export interface ReadCounts {
  save(discId: string, process: string, reads: DiscReads): Promise<void>;
  /** Merged over all processes; undefined when nothing was read. */
  load(discId: string): Promise<DiscReads | undefined>;
}
