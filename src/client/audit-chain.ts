import type { AuditAnswer } from "./answers.ts";

/** A place in the audit, as people keep it: `SEQ:HASH`. */
export interface Head {
  seq: number;
  hash: string;
}

export interface Verified {
  /** Those that are there. */
  entries: number;
  /** The last entry that was cut off the beginning; null where none was. */
  cut: Head | null;
  /** Of the last; null without any. */
  head: Head | null;
}

/** What does not hold together, as the end of a sentence. */
export class ChainFault extends Error {
  override readonly name = "ChainFault";
}

/** SHA-256 of a text in UTF-8, in hex. */
export type Digest = (text: string) => string | Promise<string>;

const BEGINNING = "0".repeat(64);

/**
 * Reckons the chain anew, as the description of the API says, and believes nobody. A chain whose beginning was cut off by
 * age says so at its other end, where an entry tells the number and hash of the last that went.
 *
 * @param entries oldest first, from the first that there is
 * @param known a head that was kept: what it was the head of must still be there
 * @throws ChainFault
 */
export async function verifyChain(
  entries: AsyncIterable<AuditAnswer>,
  digest: Digest,
  known?: Head,
): Promise<Verified> {
  let last: Head = { seq: 0, hash: BEGINNING };
  let cut: Head | null = null;
  let isCutTold = true;
  let isKnownSeen = known === undefined;
  let count = 0;
  for await (const entry of entries) {
    if (count === 0 && entry.seq > 1) {
      cut = last = { seq: entry.seq - 1, hash: entry.previous };
      isCutTold = false;
      isKnownSeen ||= known!.seq === cut.seq && known!.hash === cut.hash;
    }
    count += 1;
    const fault = await faultOf(entry, last, digest);
    if (fault !== undefined) throw new ChainFault(`entry ${last.seq + 1} ${fault}`);
    last = { seq: entry.seq, hash: entry.hash };
    isCutTold ||= tellsOf(entry, cut!);
    if (known?.seq !== entry.seq) continue;
    if (known.hash !== entry.hash)
      throw new ChainFault(`entry ${entry.seq} is not the one whose hash was kept`);
    isKnownSeen = true;
  }
  if (!isCutTold)
    throw new ChainFault(`entry ${cut!.seq} is missing, and no entry tells that it was cut off`);
  if (!isKnownSeen) throw missing(known!, cut, last);
  return { entries: count, cut, head: last.seq === 0 ? null : last };
}

function missing({ seq }: Head, cut: Head | null, last: Head): ChainFault {
  const how =
    cut !== null && seq <= cut.seq
      ? `was cut off with all up to ${cut.seq}`
      : `is not there; the last is ${last.seq}`;
  return new ChainFault(`entry ${seq}, whose hash was kept, ${how}`);
}

/** Whether an entry of the chain itself says that it was cut off there. */
function tellsOf({ action, after }: AuditAnswer, { seq, hash }: Head): boolean {
  const through = (after as { through?: Partial<Head> } | null)?.through;
  return action === "CUT /v1/audit" && through?.seq === seq && through.hash === hash;
}

async function faultOf(
  { hash, ...entry }: AuditAnswer,
  last: Head,
  digest: Digest,
): Promise<string | undefined> {
  if (entry.seq !== last.seq + 1) return `is missing; ${entry.seq} follows ${last.seq}`;
  if (entry.previous !== last.hash) return "does not follow the one before it";
  return (await digest(inOrder(entry))) === hash ? undefined : "was changed after it was written";
}

function inOrder(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => inOrder(item ?? null)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  // An object of JavaScript would put names that are numbers first, whatever order they are given.
  const pairs = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${pairs.map(([name, inner]) => `${JSON.stringify(name)}:${inOrder(inner)}`).join(",")}}`;
}
