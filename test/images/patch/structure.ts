import assert from "node:assert/strict";

const SECTOR = 2048;

/**
 * Checks by the standard, and not by our own reader, what nobody who merely extracts files looks at: that every descriptor
 * tells the size, that both path tables say the same, and that each directory they name begins with a record of itself and
 * one of its parent (ECMA-119, 6.8.2.2 and 6.9).
 *
 * @param origin block at which the volume begins
 */
export function checkStructure(bytes: Buffer, origin = 0): void {
  for (let block = origin + 16; bytes[block * SECTOR] !== 255; block += 1) {
    const descriptor = bytes.subarray(block * SECTOR, (block + 1) * SECTOR);
    if (descriptor[0] !== 1 && descriptor[0] !== 2) continue;
    assert.equal(descriptor.readUInt32LE(80) + origin, bytes.length / SECTOR);
    assert.equal(descriptor.readUInt32BE(84) + origin, bytes.length / SECTOR);
    const length = descriptor.readUInt32LE(132);
    const little = readTable(bytes, descriptor.readUInt32LE(140) + origin, length, false);
    assert.deepEqual(readTable(bytes, descriptor.readUInt32BE(148) + origin, length, true), little);
    assert.equal(little[0]!.block, descriptor.readUInt32LE(156 + 2));
    const root = { block: little[0]!.block, sizeBytes: descriptor.readUInt32LE(156 + 10) };
    const inTree = directoriesBelow(bytes, origin, root);
    assert.deepEqual(new Set(little.map((entry) => entry.block)), new Set(inTree));
    assert.equal(little.length, inTree.length);
    for (const { block: at, parent } of little) {
      const own = (at + origin) * SECTOR;
      const above = own + bytes[own]!;
      assert.deepEqual(
        [bytes[own + 32], bytes[own + 33], bytes[above + 32], bytes[above + 33]],
        [1, 0, 1, 1],
      );
      assert.equal(bytes.readUInt32LE(own + 2), at);
      assert.equal(bytes.readUInt32BE(own + 6), at);
      // In Joliet trees xorriso names another as the parent, and nobody minds.
      if (descriptor[0] === 1) assert.equal(bytes.readUInt32LE(above + 2), little[parent - 1]!.block);
    }
  }
}

function readTable(
  bytes: Buffer,
  block: number,
  length: number,
  isBig: boolean,
): { name: string; block: number; parent: number }[] {
  const table = bytes.subarray(block * SECTOR, block * SECTOR + length);
  const entries = [];
  for (let at = 0; at < table.length; ) {
    const nameBytes = table[at]!;
    entries.push({
      name: table.toString("latin1", at + 8, at + 8 + nameBytes),
      block: isBig ? table.readUInt32BE(at + 2) : table.readUInt32LE(at + 2),
      parent: isBig ? table.readUInt16BE(at + 6) : table.readUInt16LE(at + 6),
    });
    at += 8 + nameBytes + (nameBytes % 2);
  }
  return entries;
}

/** Blocks of a directory and of all below it, by their records (ECMA-119, 9.1). */
function directoriesBelow(
  bytes: Buffer,
  origin: number,
  { block, sizeBytes }: { block: number; sizeBytes: number },
): number[] {
  const found = [block];
  const start = (block + origin) * SECTOR;
  for (let at = start; at < start + sizeBytes; ) {
    const length = bytes[at]!;
    const isNamed = bytes[at + 32]! > 1 || bytes[at + 33]! > 1;
    if (length > 0 && isNamed && (bytes[at + 25]! & 2) !== 0) {
      const child = { block: bytes.readUInt32LE(at + 2), sizeBytes: bytes.readUInt32LE(at + 10) };
      found.push(...directoriesBelow(bytes, origin, child));
    }
    at = length === 0 ? Math.floor(at / SECTOR) * SECTOR + SECTOR : at + length;
  }
  return found;
}
