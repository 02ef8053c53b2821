import type { ByteRange, Disc } from "./disc.ts";

/** What an ISO 9660 image is, as far as booting goes. */
export interface IsoReport {
  volumeLabel: string;
  sizeBytes: number;
  catalogue: ByteRange;
  /** El Torito entries that can boot. */
  images: Disc["boot"]["images"];
}
