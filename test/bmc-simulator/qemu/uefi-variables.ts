import { readFileSync, writeFileSync } from "node:fs";

/** gEfiAuthenticatedVariableGuid, by which a variable store begins (EDK II, MdeModulePkg/Include/Guid/VariableFormat.h). */
const STORE = guid("aaf32c78-947b-439a-a180-2e144ec37792");
/** EFI_GLOBAL_VARIABLE (UEFI 2.10, 3.3). */
const GLOBAL = guid("8be4df61-93ca-11d2-aa0d-00e098032b8c");
const STORE_HEADER = 28;
const VARIABLE_HEADER = 60;
const START = 0x55aa;
const ADDED = 0x3f;
/** Non-volatile, for boot services and at run time. */
const ATTRIBUTES = 7;

/**
 * Has OVMF boot once from an address: a boot option of a URI alone (UEFI 2.10, 3.1.2 "short-form"), and BootNext that names it.
 * This is what the BMC of a real machine does with HttpBootUri.
 *
 * @param path the machine's own copy of the variables, freshly made
 */
export function bootNextByHttp(path: string, url: string): void {
  const flash = readFileSync(path);
  const store = flash.indexOf(STORE);
  if (store < 0) throw new Error(`${path} holds no store of UEFI variables`);
  let at = store + STORE_HEADER;
  while (flash.readUInt16LE(at) === START) at = aligned(at + sizeAt(flash, at));
  for (const [name, data] of [
    ["Boot00AA", loadOption("by HTTP", uriPath(url))],
    ["BootNext", Buffer.from([0xaa, 0])],
  ] as const) {
    const variable = variableOf(name, data);
    variable.copy(flash, at);
    at = aligned(at + variable.length);
  }
  writeFileSync(path, flash);
}

const aligned = (offset: number) => Math.ceil(offset / 4) * 4;

const sizeAt = (flash: Buffer, at: number) =>
  VARIABLE_HEADER + flash.readUInt32LE(at + 36) + flash.readUInt32LE(at + 40);

/** AUTHENTICATED_VARIABLE_HEADER, name and data. */
function variableOf(name: string, data: Buffer): Buffer {
  const header = Buffer.alloc(VARIABLE_HEADER);
  const text = wide(name);
  header.writeUInt16LE(START, 0);
  header.writeUInt8(ADDED, 2);
  header.writeUInt32LE(ATTRIBUTES, 4);
  header.writeUInt32LE(text.length, 36);
  header.writeUInt32LE(data.length, 40);
  GLOBAL.copy(header, 44);
  return Buffer.concat([header, text, data]);
}

/** EFI_LOAD_OPTION (UEFI 2.10, 3.1.3). */
function loadOption(description: string, path: Buffer): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt32LE(1, 0);
  head.writeUInt16LE(path.length, 4);
  return Buffer.concat([head, wide(description), path]);
}

/** A URI device path and its end (UEFI 2.10, 10.3.4.22). */
function uriPath(url: string): Buffer {
  const node = Buffer.from([3, 24, 0, 0, ...Buffer.from(url)]);
  node.writeUInt16LE(node.length, 2);
  return Buffer.concat([node, Buffer.from([0x7f, 0xff, 4, 0])]);
}

const wide = (text: string) => Buffer.from(`${text}\0`, "utf16le");

/** The first three parts of a GUID are little-endian. */
function guid(text: string): Buffer {
  const parts = text.split("-").map((part) => Buffer.from(part, "hex"));
  return Buffer.concat([...parts.slice(0, 3).map((part) => part.reverse()), ...parts.slice(3)]);
}
