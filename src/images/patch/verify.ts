import { SECTOR_BYTES } from "../el-torito.ts";
import type { IsoReport } from "../iso.ts";
import { openTree } from "../iso9660/tree.ts";
import type { PatchFile } from "./files.ts";
import { type Layout, readLayout } from "./layout.ts";

/**
 * Reads the view as a system would, from the start, and looks whether what was put is found in every tree. What it finds
 * wrong is a defect of the patching itself, so it is better said here than by a machine that does not boot.
 */
export async function verify(layout: Layout, report: IsoReport, files: readonly PatchFile[]): Promise<void> {
  const { overlay } = layout;
  const again = await readLayout(overlay, report);
  const limit = overlay.blocks();
  for (const { volume } of again.trees) {
    const tree = await openTree(overlay, volume);
    for (const { path, content } of files) {
      const found = await tree.find(path);
      const sizeBytes = Buffer.isBuffer(content) ? content.length : content.sizeBytes;
      if (found?.sizeBytes !== sizeBytes) throw new Error(`${path} is not found in the ${volume.kind} tree`);
      if (found.block + Math.ceil(sizeBytes / SECTOR_BYTES) > limit)
        throw new Error(`${path} leaves the disc`);
      if (!Buffer.isBuffer(content)) continue;
      const read = await overlay.read(found.block * SECTOR_BYTES, sizeBytes);
      if (!read.equals(content)) throw new Error(`${path} reads back as something else`);
    }
  }
}
