import { createHash } from "node:crypto";
import { SECTOR_BYTES } from "../el-torito.ts";
import type { Layout } from "./layout.ts";

/** Larger lists of sums are left alone; the largest of a Debian DVD has some hundred kilobytes. */
const LARGEST_BYTES = 4 * 1024 * 1024;

/**
 * Debian's and Ubuntu's `md5sum.txt`: the sums of changed files take the place of the old ones, which have the same length.
 * A live system that checks its medium would otherwise say that it is broken.
 */
export async function updateMd5Sums(
  { overlay, trees }: Layout,
  changed: readonly { path: string; bytes: Buffer }[],
): Promise<void> {
  const list = await trees[0]!.find("/md5sum.txt");
  if (list === undefined || list.isDirectory || list.record.isZisofs || list.sizeBytes > LARGEST_BYTES)
    return;
  const start = list.block * SECTOR_BYTES;
  const text = (await overlay.read(start, list.sizeBytes)).toString("latin1");
  for (const { path, bytes } of changed) {
    const at = text.toLowerCase().indexOf(`  .${path.toLowerCase()}\n`) - 32;
    if (at < 0 || !/^[0-9a-f]{32}$/.test(text.slice(at, at + 32))) continue;
    const sum = createHash("md5").update(bytes).digest("hex");
    await overlay.write(start + at, Buffer.from(sum, "latin1"));
  }
}
