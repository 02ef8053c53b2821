// Knows bytes: where they come from, what they are, the disc made of them and who has read it.
// Must not know BMCs, deployments, the queue or SQL; what it needs kept it declares as a port.
// Begin with disc.ts.
export { type ByteRange, type Disc, discOfIso, type Extent } from "./disc.ts";
export { ImageError, type ImageErrorCode } from "./errors.ts";
export { inspectIso, type IsoReport } from "./iso.ts";
export { mergeDiscReads } from "./merge-reads.ts";
export type { DiscReads, ReadCounts, ReadMilestone } from "./reads.ts";
export { createDiscServer, type DiscServer, type SentRange } from "./serve.ts";
export type { FetchState, ImageRequest, ImageStore, StoredImage } from "./store.ts";
