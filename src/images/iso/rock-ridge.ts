import { both32, RECORD_DATE } from "./fields.ts";

/** A System Use entry (SUSP 1.12, 4): signature, length, version 1, data. */
function entry(signature: string, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(signature, "latin1"), Buffer.from([4 + data.length, 1]), data]);
}

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;

/**
 * Mode, links, owner and group (RRIP 1.10, 4.1.1). One link for directories too, as xorriso has it, so that find(1) does not
 * count on a number of subdirectories.
 */
function px(mode: number): Buffer {
  return entry("PX", Buffer.concat([both32(mode), both32(1), both32(0), both32(0)]));
}

/** Times of modification, access and attributes (RRIP 1.10, 4.1.6). */
const TF = entry("TF", Buffer.concat([Buffer.from([0x0e]), RECORD_DATE, RECORD_DATE, RECORD_DATE]));

const attributes = (kind: "file" | "directory", executable: boolean): Buffer =>
  Buffer.concat([px(kind === "directory" ? S_IFDIR | 0o555 : S_IFREG | (executable ? 0o555 : 0o444)), TF]);

/** What an entry's record says beyond the plain file system: its attributes and its real name (RRIP 1.10, 4.1.4). */
export function rockRidge(kind: "file" | "directory", realName: string, executable = false): Buffer {
  const name = entry("NM", Buffer.concat([Buffer.from([0]), Buffer.from(realName)]));
  return Buffer.concat([attributes(kind, executable), name]);
}

/** What `.` and `..` say. */
export const ROCK_RIDGE_SELF: Buffer = attributes("directory", false);

/** What the root's `.` says: that these entries are there at all, and where the rest of them is (SUSP 1.12, 5.1 and 5.3). */
export function rockRidgeRoot(continuationSector: number): Buffer {
  const place = Buffer.concat([
    both32(continuationSector),
    both32(0),
    both32(ROCK_RIDGE_CONTINUATION.length),
  ]);
  return Buffer.concat([entry("SP", Buffer.from([0xbe, 0xef, 0])), ROCK_RIDGE_SELF, entry("CE", place)]);
}

const ID = "RRIP_1991A";
const DESCRIPTION = "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS";
const SOURCE =
  "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR " +
  "CONTACT INFORMATION.";

/** The reference to Rock Ridge (RRIP 1.10, 4.3), too long for a record and so a block of its own. */
export const ROCK_RIDGE_CONTINUATION: Buffer = entry(
  "ER",
  Buffer.concat([
    Buffer.from([ID.length, DESCRIPTION.length, SOURCE.length, 1]),
    Buffer.from(ID + DESCRIPTION + SOURCE, "latin1"),
  ]),
);
