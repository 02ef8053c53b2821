import { type Content, createExtentWriter, type ExtentWriter } from "../content.ts";
import { type Nested, nest } from "../nest.ts";

/** A file of an initramfs archive. */
export interface CpioFile {
  /** Absolute, with `/` between the names. */
  path: string;
  content: Content;
  executable?: boolean;
}

const MODE = { directory: 0o040755, file: 0o100644, executable: 0o100755 };
/** An entry gives its mode also to a directory that is there. */
const OTHER_MODES: Record<string, number> = { tmp: 0o041777, "var/tmp": 0o041777, root: 0o040700 };
/** Links into /usr or /run in most ramdisks, which an entry for a directory would replace; they are there in any case. */
const LEFT_ALONE = new Set(["bin", "sbin", "lib", "lib32", "lib64", "libx32", "var/run", "var/lock"]);
/** 1 January 2024: equal input gives equal bytes. */
const MADE = 1_704_067_200;
/** Names and contents end at multiples of this. */
const ALIGNMENT = 4;
const END = "TRAILER!!!";
const EMPTY: Content = { sizeBytes: 0, extents: [] };

/**
 * Lays out a `newc` archive, which the kernel unpacks over what the ramdisk brought (Linux, driver-api/early-userspace/
 * buffer-format). Directories come before what is in them.
 *
 * @throws RangeError when the files contradict each other
 */
export function writeCpio(files: readonly CpioFile[]): Content {
  const writer = createExtentWriter();
  let inode = 0;
  const put = (path: string, mode: number, content: Content): void => {
    inode += 1;
    writeEntry(writer, { inode, path, mode, content });
  };
  const putAll = (nested: Nested<CpioFile>, prefix: string): void => {
    for (const [name, what] of nested) {
      if (what instanceof Map) {
        const path = prefix + name;
        if (!LEFT_ALONE.has(path)) put(path, OTHER_MODES[path] ?? MODE.directory, EMPTY);
        putAll(what, `${path}/`);
      } else put(prefix + name, what.executable === true ? MODE.executable : MODE.file, what.content);
    }
  };
  putAll(nest(files), "");
  writeEntry(writer, { inode: 0, path: END, mode: 0, content: EMPTY });
  return { sizeBytes: writer.at, extents: writer.extents() };
}

function writeEntry(
  writer: ExtentWriter,
  { inode, path, mode, content }: { inode: number; path: string; mode: number; content: Content },
): void {
  const name = Buffer.from(`${path}\0`);
  const made = path === END ? 0 : MADE;
  const links = (mode & 0o040000) === 0 ? 1 : 2;
  const fields = [inode, mode, 0, 0, links, made, content.sizeBytes, 0, 0, 0, 0, name.length, 0];
  writer.bytes(Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`));
  writer.bytes(name);
  align(writer);
  writer.content(content);
  align(writer);
}

function align(writer: ExtentWriter): void {
  writer.zerosTo(Math.ceil(writer.at / ALIGNMENT) * ALIGNMENT);
}
