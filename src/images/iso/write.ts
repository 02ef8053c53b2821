import { type Content, createExtentWriter, type ExtentWriter } from "../content.ts";
import type { ByteRange, Disc, Extent } from "../disc.ts";
import { SECTOR_BYTES } from "../el-torito.ts";
import { type Arrangement, arrange, FIXED, type PlacedTree } from "./arrange.ts";
import { type BootEntry, bootCatalogue } from "./catalogue.ts";
import { bootRecord, jolietDescriptor, primaryDescriptor, terminator, type Volume } from "./descriptors.ts";
import { ROCK_RIDGE_CONTINUATION } from "./rock-ridge.ts";
import type { IsoFile } from "./tree.ts";

/** What a new disc holds. */
export interface IsoPlan {
  label: string;
  /** Their contents lie on the disc in this order. */
  files: readonly IsoFile[];
  /** In the order of the catalogue; the images are among the files. None makes a disc of data only. */
  boot: readonly { platform: BootEntry["platform"]; path: string; loadedBytes: number }[];
  /** Replaces, byte for byte, content that has to know where on the disc it stands. */
  settle?: (content: Content, sector: number) => Content;
  /** The first 32 KiB, which matter to who boots the disc as a disk; zeros unless told. */
  systemArea?: (sectorOfPath: (path: string) => number) => Uint8Array;
}

export interface WrittenIso {
  sizeBytes: number;
  extents: Extent[];
  boot: Disc["boot"];
}

/**
 * Lays out an ISO 9660 image of interchange level 3 with Rock Ridge, Joliet and El Torito. Nothing is read: contents are
 * placed, and only what describes them is made here.
 *
 * @throws RangeError for files that contradict each other
 */
export function writeIso(plan: IsoPlan): WrittenIso {
  const place = arrange(plan.files);
  const entries = plan.boot.map(({ platform, path, loadedBytes }) => ({
    platform,
    sector: place.sectorOfPath(path),
    sizeBytes: loadedBytes,
  }));
  const catalogue = entries.length === 0 ? undefined : bootCatalogue(entries);
  const writer = createExtentWriter();
  if (plan.systemArea !== undefined) writer.bytes(plan.systemArea(place.sectorOfPath));
  writeDescriptors(writer, plan.label, place, catalogue !== undefined);
  if (catalogue !== undefined) writeAt(writer, FIXED.catalogue, catalogue.bytes);
  writeAt(writer, FIXED.continuation, ROCK_RIDGE_CONTINUATION);
  for (const tree of [place.plain, place.joliet]) writeTree(writer, tree, place);
  for (const { content, sector } of place.contents) {
    writer.zerosTo(sector * SECTOR_BYTES);
    writer.content(plan.settle?.(content, sector) ?? content);
  }
  writer.zerosTo(place.sectors * SECTOR_BYTES);
  const start = FIXED.catalogue * SECTOR_BYTES;
  return {
    sizeBytes: writer.at,
    extents: writer.extents(),
    boot: { catalogue: { start, end: start + (catalogue?.usedBytes ?? 0) }, images: entries.map(rangeOf) },
  };
}

function writeAt(writer: ExtentWriter, sector: number, bytes: Uint8Array): void {
  writer.zerosTo(sector * SECTOR_BYTES);
  writer.bytes(bytes);
}

function writeDescriptors(
  writer: ExtentWriter,
  label: string,
  place: Arrangement,
  isBootable: boolean,
): void {
  const volume = ({ directories, little, big }: PlacedTree): Volume => ({
    label,
    sectors: place.sectors,
    pathTableBytes: directories.pathTableBytes,
    little,
    big,
    rootRecord: directories.rootRecord(),
  });
  writeAt(writer, FIXED.descriptors, primaryDescriptor(volume(place.plain)));
  if (isBootable) writer.bytes(bootRecord(FIXED.catalogue));
  writer.bytes(jolietDescriptor(volume(place.joliet)));
  writer.bytes(terminator());
}

function writeTree(writer: ExtentWriter, tree: PlacedTree, { sectorOf }: Arrangement): void {
  const { directories } = tree;
  writeAt(writer, tree.little, directories.pathTable("little"));
  writeAt(writer, tree.big, directories.pathTable("big"));
  writeAt(writer, tree.firstSector, directories.render(sectorOf));
}

function rangeOf({
  platform,
  sector,
  sizeBytes,
}: BootEntry): ByteRange & { platform: BootEntry["platform"] } {
  const start = sector * SECTOR_BYTES;
  return { platform, start, end: start + sizeBytes };
}
