import { type FoundImage, plainFound } from "./found.ts";
import type { ReadAt } from "./read-at.ts";

type Arch = FoundImage["arch"];

/** Machine types of PE files (Microsoft PE format, 3.3.1). */
const MACHINES: Record<number, Arch> = { 0x8664: "x86_64", 0xaa64: "aarch64" };
/** Subsystems 10 to 13: EFI application, boot and runtime driver, ROM. */
const EFI_SUBSYSTEMS = { first: 10, last: 13 };
/** To the end of the Certificate Table's place. */
const PE_HEADER_BYTES = 24 + 152;
const SECTION_BYTES = 40;
/** The loader of Windows takes no more (3.3). */
const SECTIONS_MOST = 96;

/** Kernels and EFI programs by their headers; undefined for all else. */
export async function findProgram(
  read: ReadAt,
  start: Buffer,
  sizeBytes: number,
): Promise<FoundImage | undefined> {
  const pe = await readPe(read, start);
  const kernelArch = archOfKernel(start, pe?.arch ?? null);
  const danger = (pe?.end ?? 0) > sizeBytes ? "it ends before what its headers name (cut short?)" : null;
  if (kernelArch !== undefined) {
    const found = plainFound("linux", `a Linux kernel${forArch(kernelArch)}`, sizeBytes);
    return { ...found, arch: kernelArch, danger };
  }
  if (pe === undefined || !pe.isEfi) return undefined;
  const what = pe.sections.includes(".linux") ? "a unified kernel image" : "an EFI program";
  return { ...plainFound("efi", `${what}${forArch(pe.arch)}`, sizeBytes), arch: pe.arch, danger };
}

function forArch(arch: Arch): string {
  return arch === null ? "" : ` for ${arch}`;
}

/**
 * @returns undefined when the start is no kernel's: x86 (Documentation/arch/x86/boot.rst), arm64 (arch/arm64/booting.rst)
 * or a kernel that unpacks itself as an EFI program (`zimg`, drivers/firmware/efi/libstub/zboot-header.S)
 */
function archOfKernel(start: Buffer, peArch: Arch): Arch | undefined {
  if (start.toString("latin1", 0x202, 0x206) === "HdrS" && start.readUInt16LE(0x1fe) === 0xaa55) {
    const hasLongMode = start.readUInt16LE(0x206) >= 0x20c && (start[0x236]! & 1) === 1;
    return hasLongMode ? "x86_64" : null;
  }
  if (start.toString("latin1", 0x38, 0x3c) === "ARM\x64") return "aarch64";
  return start.toString("latin1", 0, 8) === "MZ\0\0zimg" ? peArch : undefined;
}

/** What the headers of a PE file say (Microsoft PE format, 3 and 4). */
interface PeHeaders {
  arch: Arch;
  isEfi: boolean;
  sections: string[];
  /** Where its sections and signatures end in the file. */
  end: number;
}

async function readPe(read: ReadAt, start: Buffer): Promise<PeHeaders | undefined> {
  if (start.length < 0x40 || start.toString("latin1", 0, 2) !== "MZ") return undefined;
  const at = start.readUInt32LE(0x3c);
  const header = await read(at, PE_HEADER_BYTES);
  if (header.length < PE_HEADER_BYTES || header.toString("latin1", 0, 4) !== "PE\0\0") return undefined;
  const subsystem = header.readUInt16LE(24 + 68);
  const isEfi = subsystem >= EFI_SUBSYSTEMS.first && subsystem <= EFI_SUBSYSTEMS.last;
  const count = Math.min(header.readUInt16LE(6), SECTIONS_MOST);
  const table = await read(at + 24 + header.readUInt16LE(20), count * SECTION_BYTES);
  const sections: string[] = [];
  let end = endOfSignatures(header);
  for (let entry = 0; entry + SECTION_BYTES <= table.length; entry += SECTION_BYTES) {
    sections.push(table.toString("latin1", entry, entry + 8).replace(/\0+$/, ""));
    end = Math.max(end, endOfSection(table.subarray(entry)));
  }
  return { arch: MACHINES[header.readUInt16LE(4)] ?? null, isEfi, sections, end };
}

/** A section's bytes in the file may be rounded up beyond what it needs in memory, and that rest may be left out. */
function endOfSection(entry: Buffer): number {
  const neededBytes = entry.readUInt32LE(8);
  const rawBytes = entry.readUInt32LE(16);
  return rawBytes === 0 ? 0 : entry.readUInt32LE(20) + Math.min(neededBytes || rawBytes, rawBytes);
}

/** The signatures stand behind all sections; 0 where there are none (the Certificate Table of PE32+, 3.4.3). */
function endOfSignatures(header: Buffer): number {
  const isPe32Plus = header.readUInt16LE(24) === 0x20b;
  return isPe32Plus ? header.readUInt32LE(24 + 144) + header.readUInt32LE(24 + 148) : 0;
}
