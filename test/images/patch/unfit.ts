import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RED_HAT } from "./families.ts";
import { makeFolder, makeIso, type Recipe } from "./fixture.ts";

/** The image of a recipe with some of its bytes changed, in a folder that goes when the test has ended. */
export async function changed(recipe: Recipe, change: (bytes: Buffer) => void): Promise<string> {
  const bytes = readFileSync(await makeIso(recipe));
  change(bytes);
  const path = join(await makeFolder(), "changed.iso");
  writeFileSync(path, bytes);
  return path;
}

/** An image that says of itself that UDF lies beside ISO 9660, as Windows' do. */
export function makeUdfBridge(): Promise<string> {
  return changed(RED_HAT, (bytes) => {
    bytes.write("\0NSR02\x01", 19 * 2048, "latin1");
    bytes.copy(bytes, 20 * 2048, 18 * 2048, 19 * 2048);
  });
}

/** An image that starts a kernel with its command line inside. */
export function makeSealed(): Promise<string> {
  const inFat = { "EFI/BOOT/BOOTX64.EFI": program(".linux") };
  return makeIso({ ...RED_HAT, name: "sealed", fat: { ...RED_HAT.fat, ...inFat } });
}

/** A program as UEFI has it, with one section (PE/COFF, sections 2 to 4). */
export function program(section: string): Buffer {
  const bytes = Buffer.alloc(1024);
  bytes.write("MZ", 0, "latin1");
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write("PE\0\0", 0x80, "latin1");
  bytes.writeUInt16LE(1, 0x86);
  bytes.writeUInt16LE(240, 0x94);
  bytes.write(section, 0x80 + 24 + 240, "latin1");
  return bytes;
}
