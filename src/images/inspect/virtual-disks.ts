import type { ReadAt } from "./read-at.ts";

/** Region and item of a VHDX that say whether it has a parent (MS-VHDX, 2.2.3.2 and 2.6.2.1), as they stand on disk. */
const VHDX = {
  regionsAt: 192 * 1024,
  metadataRegion: "06a27c8b90479a4bb8fe575f050f886e",
  fileParameters: "3767a1ca36fa434db3b633f0aa44e76b",
  hasParent: 2,
};
/** A descriptor is a few hundred bytes of text; hosts write up to 10 KiB. */
const VMDK_DESCRIPTOR_BYTES = 20 * 1024;
/** Types that keep all they hold in the one file (VMware, Virtual Disk Format 5.0). */
const VMDK_OWN_TYPES = new Set(["monolithicsparse", "streamoptimized"]);

/** Says why a VMDK must not be opened; a descriptor can name any file of the host as an extent. */
export async function dangerOfVmdk(read: ReadAt): Promise<string | null> {
  const header = await read(0, 512);
  if (header.toString("latin1", 0, 4) !== "KDMV") return "its data is in other files";
  if (header.length < 512) return "its header is damaged";
  // qemu goes by the descriptor's extents where the capacity is 0.
  if (header.readBigUInt64LE(12) === 0n) return "it gives no size of its own";
  const at = Number(header.readBigUInt64LE(28)) * 512;
  const length = Number(header.readBigUInt64LE(36)) * 512;
  if (at === 0 || length === 0 || length > VMDK_DESCRIPTOR_BYTES) return "its descriptor is missing";
  return dangerOfDescriptor((await read(at, length)).toString("latin1"));
}

function dangerOfDescriptor(text: string): string | null {
  const type = /^createType\s*=\s*"?([A-Za-z0-9]+)/im.exec(text)?.[1] ?? "unknown";
  if (!VMDK_OWN_TYPES.has(type.toLowerCase())) return `it is of the type ${type.slice(0, 40)}`;
  const parent = /^parentCID\s*=\s*([0-9a-f]+)/im.exec(text)?.[1];
  if (parent !== undefined && parent.toLowerCase() !== "ffffffff") return "it names a parent";
  const extents = text.match(/^(?:RW|RDONLY|NOACCESS)\s.*$/gim) ?? [];
  if (extents.length !== 1 || !/\sSPARSE\s/i.test(extents[0])) return "its data is in other files";
  return null;
}

/** @param start the file's first bytes */
export function dangerOfVdi(start: Buffer): string | null {
  if (start.length < 0x50) return "its header is damaged";
  const type = start.readUInt32LE(0x4c);
  return type === 1 || type === 2 ? null : "it depends on another image";
}

/** @param footer the 512 bytes that a VHD ends with, and that a dynamic one begins with */
export function dangerOfVhd(footer: Buffer): string | null {
  if (footer.length < 64) return "its footer is damaged";
  const type = footer.readUInt32BE(60);
  return type === 2 || type === 3 ? null : "it depends on another image";
}

export async function dangerOfVhdx(read: ReadAt): Promise<string | null> {
  const regions = await read(VHDX.regionsAt, 2048);
  if (regions.toString("latin1", 0, 4) !== "regi") return "its header is damaged";
  const region = findGuid(regions, 16, VHDX.metadataRegion);
  if (region === undefined) return "its header is damaged";
  const metadataAt = Number(region.readBigUInt64LE(16));
  const metadata = await read(metadataAt, 4096);
  const item = findGuid(metadata, 32, VHDX.fileParameters);
  if (metadata.toString("latin1", 0, 8) !== "metadata" || item === undefined) return "its header is damaged";
  const parameters = await read(metadataAt + item.readUInt32LE(16), 8);
  if (parameters.length < 8) return "its header is damaged";
  return (parameters.readUInt32LE(4) & VHDX.hasParent) === 0 ? null : "it depends on another image";
}

/** The 32-byte entry of a table that begins with a GUID. */
function findGuid(table: Buffer, from: number, guid: string): Buffer | undefined {
  for (let at = from; at + 32 <= table.length; at += 32)
    if (table.toString("hex", at, at + 16) === guid) return table.subarray(at, at + 32);
  return undefined;
}
