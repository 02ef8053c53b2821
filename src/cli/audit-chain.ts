import { createHash } from "node:crypto";
import type { AuditAnswer } from "../client/index.ts";
import { CommandError, EXIT } from "./exit.ts";

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

const BEGINNING = "0".repeat(64);

/**
 * Reckons the chain anew, as the description of the API says, and believes nobody. A chain whose beginning was cut off by
 * age says so at its other end, where an entry tells the number and hash of the last that went.
 *
 * @param known a head that was kept: what it was the head of must still be there
 * @throws CommandError `audit-broken`
 */
export async function verifyChain(
  entries: AsyncIterable<AuditAnswer>,
  known: Head | undefined,
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
    const fault = faultOf(entry, last);
    if (fault !== undefined) throw broken(`entry ${last.seq + 1} ${fault}`);
    last = { seq: entry.seq, hash: entry.hash };
    isCutTold ||= tellsOf(entry, cut!);
    if (known?.seq !== entry.seq) continue;
    if (known.hash !== entry.hash) throw broken(`entry ${entry.seq} is not the one whose hash was kept`);
    isKnownSeen = true;
  }
  if (!isCutTold) throw broken(`entry ${cut!.seq} is missing, and no entry tells that it was cut off`);
  if (!isKnownSeen && cut !== null && known!.seq <= cut.seq)
    throw broken(`entry ${known!.seq}, whose hash was kept, was cut off with all up to ${cut.seq}`);
  if (!isKnownSeen)
    throw broken(`entry ${known!.seq}, whose hash was kept, is not there; the last is ${last.seq}`);
  return { entries: count, cut, head: last.seq === 0 ? null : last };
}

/** Whether an entry of the chain itself says that it was cut off there. */
function tellsOf({ action, after }: AuditAnswer, { seq, hash }: Head): boolean {
  const through = (after as { through?: Partial<Head> } | null)?.through;
  return action === "CUT /v1/audit" && through?.seq === seq && through.hash === hash;
}

function faultOf({ hash, ...entry }: AuditAnswer, last: Head): string | undefined {
  if (entry.seq !== last.seq + 1) return `is missing; ${entry.seq} follows ${last.seq}`;
  if (entry.previous !== last.hash) return "does not follow the one before it";
  const reckoned = createHash("sha256").update(inOrder(entry)).digest("hex");
  return reckoned === hash ? undefined : "was changed after it was written";
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

function broken(what: string): CommandError {
  return new CommandError(`the audit does not hold together: ${what}`, {
    exit: EXIT.failed,
    code: "audit-broken",
    hint: "Compare it with an export or a backup from before.",
  });
}
