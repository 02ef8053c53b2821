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

/** What a PE file is made of. */
interface Pe {
  machine: number;
  /** An EFI application unless told. */
  subsystem?: number;
  /** Each of 512 bytes, behind the headers. */
  sections?: string[];
  /** How much each needs in memory. */
  neededBytes?: number;
  /** Of the signatures, which are the last 256 bytes unless told. */
  signaturesAt?: number;
}

/** A PE32+ file as far as its headers go. */
export function makePe(made: Pe): Buffer {
  const {
    machine,
    subsystem = 10,
    sections = [".text"],
    neededBytes = 512,
    signaturesAt = 4096 - 256,
  } = made;
  const bytes = Buffer.alloc(4096);
  const at = 0x80;
  bytes.write("MZ", 0, "latin1");
  bytes.writeUInt32LE(at, 0x3c);
  bytes.write("PE\0\0", at, "latin1");
  bytes.writeUInt16LE(machine, at + 4);
  bytes.writeUInt16LE(sections.length, at + 6);
  bytes.writeUInt16LE(240, at + 20);
  bytes.writeUInt16LE(subsystem, at + 24 + 68);
  bytes.writeUInt16LE(0x20b, at + 24);
  bytes.writeUInt32LE(signaturesAt, at + 24 + 144);
  bytes.writeUInt32LE(256, at + 24 + 148);
  for (const [index, name] of sections.entries()) {
    const entry = at + 24 + 240 + index * 40;
    bytes.write(name, entry, "latin1");
    bytes.writeUInt32LE(neededBytes, entry + 8);
    bytes.writeUInt32LE(512, entry + 16);
    bytes.writeUInt32LE(1024 + index * 512, entry + 20);
  }
  return bytes;
}
