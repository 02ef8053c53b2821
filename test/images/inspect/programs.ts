/** A kernel as far as its header goes: x86 (boot protocol 2.15, 64-bit) or arm64. */
export function makeKernel(arch: "x86_64" | "aarch64"): Buffer {
  const bytes = Buffer.alloc(8192);
  bytes.write("MZ", 0, "latin1");
  if (arch === "aarch64") {
    bytes.write("ARM\x64", 0x38, "latin1");
    return bytes;
  }
  bytes.writeUInt16LE(0xaa55, 0x1fe);
  bytes.write("HdrS", 0x202, "latin1");
  bytes.writeUInt16LE(0x20f, 0x206);
  bytes.writeUInt8(1, 0x236);
  return bytes;
}

/** A PE file as far as its headers go; an EFI application unless another subsystem is told. */
export function makePe(made: { machine: number; subsystem?: number; sections?: string[] }): Buffer {
  const { machine, subsystem = 10, sections = [".text"] } = made;
  const bytes = Buffer.alloc(4096);
  const at = 0x80;
  bytes.write("MZ", 0, "latin1");
  bytes.writeUInt32LE(at, 0x3c);
  bytes.write("PE\0\0", at, "latin1");
  bytes.writeUInt16LE(machine, at + 4);
  bytes.writeUInt16LE(sections.length, at + 6);
  bytes.writeUInt16LE(240, at + 20);
  bytes.writeUInt16LE(subsystem, at + 24 + 68);
  for (const [index, name] of sections.entries()) bytes.write(name, at + 24 + 240 + index * 40, "latin1");
  return bytes;
}
