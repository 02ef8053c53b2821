import type { Piece } from "./sectioned.ts";

/** The next bytes of a body: at hand, or in a file. */
export type Next =
  | { kind: "own"; bytes: Buffer }
  | { kind: "stored"; digest: string; offset: number; length: number };

/** What is still to be taken of some pieces. */
export interface Rest {
  /** Undefined at the end. */
  next(): Next | undefined;
  /** So much of the next was taken. */
  took(bytes: number): void;
}

/** What a range of zeros is sent from; nobody writes to it. */
const ZEROS = Buffer.alloc(128 * 1024);

export function createRest(pieces: readonly Piece[]): Rest {
  let index = 0;
  let at = pieces[0]?.from ?? 0;
  return {
    next() {
      const piece = pieces[index];
      if (piece === undefined) return undefined;
      const { section, to } = piece;
      if (section.kind === "zeros") return { kind: "own", bytes: ZEROS.subarray(0, to - at) };
      if (section.kind === "bytes") return { kind: "own", bytes: section.bytes.subarray(at, to) };
      return { kind: "stored", digest: section.digest, offset: section.offset + at, length: to - at };
    },
    took(bytes) {
      at += bytes;
      if (at < pieces[index]!.to) return;
      index += 1;
      at = pieces[index]?.from ?? 0;
    },
  };
}
