import { createHash } from "node:crypto";
import type { AuditAnswer } from "../client/index.ts";
import { CommandError, EXIT } from "./exit.ts";

/** A place in the audit, as people keep it: `SEQ:HASH`. */
export interface Head {
  seq: number;
  hash: string;
}

export interface Verified {
  entries: number;
  /** Of the last; null without any. */
  head: Head | null;
}

const BEGINNING = "0".repeat(64);

/**
 * Reckons the chain anew, as the description of the API says, and believes nobody.
 *
 * @param known a head that was kept: what it was the head of must still be there
 * @throws CommandError `audit-broken`
 */
export async function verifyChain(
  entries: AsyncIterable<AuditAnswer>,
  known: Head | undefined,
): Promise<Verified> {
  let last: Head = { seq: 0, hash: BEGINNING };
  let isKnownSeen = known === undefined;
  for await (const entry of entries) {
    const fault = faultOf(entry, last);
    if (fault !== undefined) throw broken(`entry ${last.seq + 1} ${fault}`);
    last = { seq: entry.seq, hash: entry.hash };
    if (known?.seq !== entry.seq) continue;
    if (known.hash !== entry.hash) throw broken(`entry ${entry.seq} is not the one whose hash was kept`);
    isKnownSeen = true;
  }
  if (!isKnownSeen)
    throw broken(`entry ${known!.seq}, whose hash was kept, is not there; the last is ${last.seq}`);
  return { entries: last.seq, head: last.seq === 0 ? null : last };
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
