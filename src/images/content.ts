import type { Extent } from "./disc.ts";
import type { StoredImage } from "./image.ts";

/** The bytes of one file, as parts that are stored somewhere or are the node's own. */
export interface Content {
  sizeBytes: number;
  extents: readonly Extent[];
}

/** Shorter runs of zeros cost less where they stand than as an extent of their own. */
const ZERO_RUN_BYTES = 64;

export function contentOfImage({ digest, sizeBytes }: Pick<StoredImage, "digest" | "sizeBytes">): Content {
  if (sizeBytes === 0) return { sizeBytes, extents: [] };
  return { sizeBytes, extents: [{ kind: "blob", digest, offset: 0, length: sizeBytes }] };
}

export function contentOfBytes(bytes: Uint8Array): Content {
  const writer = createExtentWriter();
  writer.bytes(bytes);
  return { sizeBytes: bytes.length, extents: writer.extents() };
}

/** The bytes of content of which nothing is stored. @throws RangeError when something is */
export function bytesOfContent({ extents }: Content): Buffer {
  const parts = extents.map((extent) => {
    if (extent.kind === "blob") throw new RangeError(`${extent.digest} has to be read`);
    return extent.kind === "zeros" ? Buffer.alloc(extent.length) : Buffer.from(extent.base64, "base64");
  });
  return Buffer.concat(parts);
}

/** Puts extents one behind the other. */
export interface ExtentWriter {
  /** How many bytes have been written. */
  readonly at: number;
  bytes(bytes: Uint8Array): void;
  content(content: Content): void;
  /** Zeros up to an offset. @throws RangeError when more than that has been written */
  zerosTo(offset: number): void;
  /** What was written, with neighbours joined where that is possible. */
  extents(): Extent[];
}

export function createExtentWriter(): ExtentWriter {
  const done: Extent[] = [];
  let own: Uint8Array[] = [];
  let at = 0;

  function flush(): void {
    if (own.length === 0) return;
    const bytes = Buffer.concat(own);
    done.push({ kind: "bytes", base64: bytes.toString("base64"), length: bytes.length });
    own = [];
  }
  function zeros(length: number): void {
    if (length === 0) return;
    at += length;
    const last = own.length === 0 ? done.at(-1) : undefined;
    if (last?.kind === "zeros") last.length += length;
    else if (length < ZERO_RUN_BYTES) own.push(Buffer.alloc(length));
    else {
      flush();
      done.push({ kind: "zeros", length });
    }
  }
  function bytes(whole: Uint8Array): void {
    for (const run of splitAtZeros(whole)) {
      if (typeof run === "number") zeros(run);
      else {
        own.push(run);
        at += run.length;
      }
    }
  }
  return {
    get at() {
      return at;
    },
    bytes,
    content({ extents }) {
      for (const extent of extents) {
        if (extent.kind === "bytes") bytes(Buffer.from(extent.base64, "base64"));
        else if (extent.kind === "zeros") zeros(extent.length);
        else {
          flush();
          done.push({ ...extent });
          at += extent.length;
        }
      }
    },
    zerosTo(offset) {
      if (offset < at) throw new RangeError(`${at} bytes were written where ${offset} have room`);
      zeros(offset - at);
    },
    extents() {
      flush();
      return done;
    },
  };
}

/** Bytes as they are, and long runs of zeros as their length. */
function* splitAtZeros(bytes: Uint8Array): Generator<Uint8Array | number> {
  let from = 0;
  let zerosFrom = 0;
  for (let index = 0; index <= bytes.length; index += 1) {
    if (index < bytes.length && bytes[index] === 0) continue;
    const run = index - zerosFrom;
    if (run >= ZERO_RUN_BYTES) {
      if (zerosFrom > from) yield bytes.subarray(from, zerosFrom);
      yield run;
      from = index;
    }
    zerosFrom = index + 1;
  }
  if (from < bytes.length) yield bytes.subarray(from);
}
