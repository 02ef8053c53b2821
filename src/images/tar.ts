import { ImageError } from "./errors.ts";

const BLOCK_BYTES = 512;
/** Of a long name or an extended header; longer ones are no names. */
const NAME_BYTES = 64 * 1024;
/** Names that a refusal tells of what there is. */
const NAMES_TOLD = 20;

interface Header {
  name: string;
  sizeBytes: number;
  type: string;
  /** Where a link leads to. */
  target: string;
  /** Whether GNU's map of a sparse file goes on behind the header. */
  isMapLonger: boolean;
}

const LINKS = /^[12]$/;
/** GNU's; pax has no type of its own for them. */
const SPARSE = "S";

/**
 * The bytes of one file of a tar archive: POSIX ustar and pax (IEEE Std 1003.1, pax, "ustar Interchange Format"), and
 * GNU's long names. A leading `./` counts for nothing on either side; links and devices are no files, and sparse files, of
 * which an archive has pieces, are not put together.
 *
 * @throws ImageError `image-member-not-found`, `image-format-mismatch`
 */
export async function* readMember(
  bytes: AsyncIterable<Buffer>,
  member: string,
  shown: string,
): AsyncGenerator<Buffer> {
  const input = createInput(bytes);
  const seen: string[] = [];
  let extended: Partial<Header> = {};
  for (;;) {
    const header = parseHeader(await input.take(BLOCK_BYTES), shown);
    if (header === undefined) throw notFound(member, seen, shown);
    const padding = (BLOCK_BYTES - (header.sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;
    if (header.type === "L" || header.type === "x") {
      if (header.sizeBytes > NAME_BYTES) throw broken(shown);
      const text = (await input.take(header.sizeBytes)).toString();
      extended = { ...extended, ...(header.type === "L" ? { name: upToNul(text) } : readPax(text)) };
      await input.skip(padding);
      continue;
    }
    const { name, sizeBytes, type, target } = { ...header, ...extended };
    extended = {};
    if (plain(name) === plain(member)) {
      if (/^[0\0 7]$/.test(type)) return yield* input.pass(sizeBytes, shown);
      if (type === SPARSE) throw isSparse(member, shown);
      if (LINKS.test(type)) throw isLink(member, target, shown);
    }
    for (let goesOn = header.isMapLonger; goesOn; ) goesOn = (await input.take(BLOCK_BYTES))[504] === 1;
    seen.push(plain(name));
    await input.skip(sizeBytes + ((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES));
  }
}

const plain = (name: string): string => name.replace(/^(?:\.?\/)+/, "");
const upToNul = (text: string): string => text.split("\0")[0] ?? "";

/** @returns undefined at the end of the archive */
function parseHeader(block: Buffer, shown: string): Header | undefined {
  if (block.length < BLOCK_BYTES || block.every((byte) => byte === 0)) return undefined;
  const summed = block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (summed !== parseInt(block.toString("latin1", 148, 156), 8)) throw broken(shown);
  const text = (from: number, to: number): string => upToNul(block.toString("utf8", from, to));
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? text(345, 500) : "";
  const type = block.toString("latin1", 156, 157);
  return {
    name: prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`,
    sizeBytes: readSize(block.subarray(124, 136), shown),
    type,
    target: text(157, 257),
    isMapLonger: type === SPARSE && block[482] === 1,
  };
}

/** Octal, or GNU's binary form for what is larger than eleven digits hold. */
function readSize(field: Buffer, shown: string): number {
  const isBinary = (field[0]! & 0x80) !== 0;
  const digits = field
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trimStart();
  const size = isBinary
    ? Number(field.readBigUInt64BE(4))
    : digits === ""
      ? 0
      : /^[0-7]+$/.test(digits)
        ? parseInt(digits, 8)
        : NaN;
  if (!Number.isSafeInteger(size)) throw broken(shown);
  return size;
}

/** Records `length key=value\n`, of which name and size count here, and whether the file is sparse (GNU tar, "PAX 0.0" to 1.0). */
function readPax(text: string): Partial<Header> {
  const isSparse = /(?:^|\n)\d+ GNU\.sparse\./.test(text);
  const sparseName = /(?:^|\n)\d+ GNU\.sparse\.name=([^\n]*)\n/.exec(text)?.[1];
  const path = sparseName ?? /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1];
  const size = /(?:^|\n)\d+ size=(\d{1,15})\n/.exec(text)?.[1];
  return {
    ...(isSparse ? { type: SPARSE } : {}),
    ...(path === undefined ? {} : { name: path }),
    ...(size === undefined ? {} : { sizeBytes: Number(size) }),
  };
}

/** A stream that is taken in pieces of one's own choice. */
function createInput(bytes: AsyncIterable<Buffer>) {
  const chunks = bytes[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);

  async function fill(): Promise<boolean> {
    while (rest.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return false;
      rest = next.value;
    }
    return true;
  }

  /** Up to so many bytes of what is there; undefined at the end. */
  async function some(most: number): Promise<Buffer | undefined> {
    if (!(await fill())) return undefined;
    const piece = rest.subarray(0, most);
    rest = rest.subarray(piece.length);
    return piece;
  }

  return {
    /** So many bytes, or fewer at the end. */
    async take(length: number): Promise<Buffer> {
      const pieces: Buffer[] = [];
      for (let left = length; left > 0; ) {
        const piece = await some(left);
        if (piece === undefined) break;
        pieces.push(piece);
        left -= piece.length;
      }
      return Buffer.concat(pieces);
    },
    async skip(length: number): Promise<void> {
      for (let left = length; left > 0; ) left -= (await some(left))?.length ?? left;
    },
    async *pass(length: number, shown: string): AsyncGenerator<Buffer> {
      for (let left = length; left > 0; ) {
        const piece = await some(left);
        if (piece === undefined) throw broken(shown);
        left -= piece.length;
        yield piece;
      }
    },
  };
}

function notFound(member: string, seen: string[], shown: string): ImageError {
  const told = seen.slice(0, NAMES_TOLD).join(", ") + (seen.length > NAMES_TOLD ? ", …" : "");
  return new ImageError(`${shown} has no file named ${member}`, {
    code: "image-member-not-found",
    retryable: false,
    hint: `It has: ${told || "nothing"}.`,
  });
}

function isSparse(member: string, shown: string): ImageError {
  return new ImageError(`${shown} has only the pieces of ${member}, as a sparse file`, {
    code: "image-format-mismatch",
    retryable: false,
    hint: "Pack it without tar's --sparse (-S); gzip and zstd make little of its zeros as well.",
  });
}

function isLink(member: string, target: string, shown: string): ImageError {
  return new ImageError(`${shown} has ${member} as a link`, {
    code: "image-member-not-found",
    retryable: false,
    hint: `Name what it leads to: ${plain(target)}.`,
  });
}

function broken(shown: string): ImageError {
  return new ImageError(`${shown} is no whole tar archive`, {
    code: "image-format-mismatch",
    retryable: false,
  });
}
