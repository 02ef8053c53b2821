const BLOCK = 512;
/** Regular file (POSIX.1-1988, ustar). */
const FILE = "0";

/** Packs files as a tar archive that anybody may read and only its owner may change. */
export function packTar(files: Readonly<Record<string, string | Buffer>>, at: Date): Buffer {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    return [header(name, bytes.length, at), bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** @param name at most 100 bytes of ASCII */
function header(name: string, length: number, at: Date): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, width: number) =>
    block.write(value.toString(8).padStart(width - 1, "0"), offset, "ascii");
  block.write(name, 0, "ascii");
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(length, 124, 12);
  octal(Math.floor(at.getTime() / 1000), 136, 12);
  // The sum of the block counts its own field as spaces.
  block.write("        ", 148, "ascii");
  block.write(FILE, 156, "ascii");
  block.write("ustar\u000000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  return block;
}
