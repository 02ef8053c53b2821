// Knows bytes: where they come from, what they are, the disc made of them and who has read it.
// Must not know BMCs, deployments, the queue or SQL; what it needs kept it declares as a port.
// Begin with disc.ts.
export { canaryDisc } from "./canary.ts";
export { type Checksum, parseChecksum } from "./checksum.ts";
export {
  type BiosBootloader,
  type Bootloader,
  type Bootloaders,
  createBootloaders,
} from "./bootloader/bootloaders.ts";
export { type BootloaderSettings, findBootloader, type FoundBootloader } from "./bootloader/find.ts";
export type { Architecture } from "./bootloader/places.ts";
export { comesWhole } from "./classify.ts";
export { type ComposedDisc, composeDisc, type ComposeInput } from "./compose/compose.ts";
export { type DiscData, placeData } from "./compose/data.ts";
export { checkPaths, type NodeFile } from "./compose/files.ts";
export { checkLabel } from "./compose/label.ts";
export {
  configDriveFiles,
  makeConfigDrive,
  packConfigDrive,
  readConfigDrive,
} from "./config-drive/config-drive.ts";
export { type InstanceData, type InstanceNames, type JsonObject, uuidOf } from "./config-drive/data.ts";
export { type ByteRange, type Disc, discOfIso, type Extent, fileOfBytes, fileOfImage } from "./disc.ts";
export { ImageError, type ImageErrorCode } from "./errors.ts";
export {
  changeKernelArgs,
  type KernelArg,
  type KernelArgsChange,
  type KernelArgsRequest,
  parseKernelArgs,
  readKernelArgsChange,
} from "./kernel-args.ts";
export { admitBootPart, type BootPart } from "./inspect/admit-boot.ts";
export {
  type AdmittedDiskImage,
  admitDiskImage,
  type DiskImageTerms,
  PERMITTED_FORMATS,
  readPermittedFormats,
  type WritableFormat,
} from "./inspect/admit-disk.ts";
export type { DiskFormat, FoundImage, ImageFormat } from "./inspect/found.ts";
export { inspectImage } from "./inspect/inspect.ts";
export type { DiskLayout } from "./inspect/layout.ts";
export { inspectIso, type IsoReport } from "./iso.ts";
export { type PatchChanges, type PatchedDisc, patchIso } from "./patch/patch-iso.ts";
export { makeSecondDisc } from "./patch/second-disc.ts";
export type { InstallerFamily } from "./patch/family.ts";
export type { BlobIndex, Claim, IndexedBlob, Owner } from "./keep/blob-index.ts";
export { mergeDiscReads } from "./merge-reads.ts";
export { type DiscReads, NOTHING_READ, type ReadCounts, type ReadMilestone } from "./reads.ts";
export {
  createReadTracker,
  type Reached,
  type ReadTracker,
  type ReadTrackerDependencies,
} from "./tracker.ts";
export { createDiscServer, type DiscServer, type SentRange } from "./serve/serve.ts";
export {
  type NetworkData,
  networkDataSchema,
  parseNetworkData,
} from "./network/network-data.ts";
export type { OciSettings } from "./oci/endpoints.ts";
export type { Arch } from "./oci/manifest.ts";
export { pushArtefact, type Pushed, type PushedPart, type PushOrder } from "./oci/push.ts";
export type { UnderWay } from "./flights.ts";
export { createSourceRules } from "./source/rules.ts";
export type { SourceReport } from "./source/source.ts";
export type { FetchState, ImageRequest, PinnedImage, StoredImage } from "./image.ts";
export {
  createImageStore,
  type ImageStore,
  type ImageStoreOptions,
  type LocalImageStore,
  type Stock,
} from "./store.ts";
