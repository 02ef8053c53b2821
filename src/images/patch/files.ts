import { type NodeFile, placeFiles } from "../compose/files.ts";
import { SECTOR_BYTES } from "../el-torito.ts";
import type { IsoReport } from "../iso.ts";
import { refusal } from "../iso9660/damage.ts";
import type { Layout } from "./layout.ts";
import { asContent, type FileContent } from "./overlay.ts";

/** A file whose content can be laid behind the image. */
export interface PatchFile {
  path: string;
  content: FileContent;
  executable: boolean;
}

/** Rock Ridge readers stop at eight levels. */
const DEPTH = 8;
/** One record of ISO 9660 cannot say more. */
const LARGEST_BYTES = 0xfffff800;

/**
 * Judges files by their names and sizes alone.
 *
 * @throws ImageError `files-invalid`
 */
export function admitFiles(files: readonly NodeFile[]): PatchFile[] {
  placeFiles(files);
  const seen = new Set<string>();
  return files.map(({ path, content, executable = false }) => {
    const [, first = "", ...others] = path.toLowerCase().split("/");
    if (others.length >= DEPTH) throw badPath(`${path} is more than ${DEPTH} levels deep`);
    if (first === ".disk")
      throw badPath(
        `${path} is in the directory by which Debian's and Ubuntu's boot loaders find their disc`,
      );
    if (seen.has(path.toLowerCase())) throw badPath(`${path} is given twice, as case makes no difference`);
    seen.add(path.toLowerCase());
    if (sizeOf(content) > LARGEST_BYTES)
      throw badPath(`${path} is larger than the 4 GiB that one file may have`);
    return { path, content: asContent(content), executable };
  });
}

function sizeOf(content: NodeFile["content"]): number {
  return content instanceof Uint8Array ? content.length : content.sizeBytes;
}

/**
 * Puts files into every tree.
 *
 * @throws ImageError `files-invalid`, `iso-unsupported`
 */
export async function putFiles(
  layout: Layout,
  report: IsoReport,
  files: readonly PatchFile[],
): Promise<void> {
  const bootBlocks = new Set(
    [...report.images, report.catalogue].map(({ start }) => Math.floor(start / SECTOR_BYTES)),
  );
  for (const { path, content, executable } of files) {
    const found = await layout.trees[0]!.find(path);
    if (found !== undefined && bootBlocks.has(found.block))
      throw badPath(`${path} is a boot image, which firmware finds by its place and not by its name`);
    const sizeBytes = Buffer.isBuffer(content) ? content.length : content.sizeBytes;
    const block = layout.overlay.append(content);
    for (const tree of layout.trees) await tree.put(path, block, sizeBytes, executable);
  }
}

function badPath(message: string): Error {
  return refusal("files-invalid", message, "Give another path, such as /ks.cfg.");
}
