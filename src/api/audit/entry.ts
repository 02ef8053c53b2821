import { createHash } from "node:crypto";
import { canonical } from "../canonical.ts";

/** What somebody did or tried, as it is told to the audit. Nothing in it is a secret. */
export interface AuditFacts {
  /** RFC 3339. */
  at: string;
  /** Null for somebody who was not let in. */
  who: { tokenId: string; name: string; role: string } | null;
  /** The address that the request came from; behind a proxy that is not known as one, the proxy's. */
  from: string;
  /** The route, like `PATCH /v1/nodes/{id}`. */
  action: string;
  /** The path that was asked. */
  target: string;
  outcome: "done" | "refused";
  /** Of the answer. */
  status: number;
  /** Of the refusal; null for what was done. */
  code: string | null;
  requestId: string;
  /** What was there; null where nothing was, or it was not changed. */
  before: unknown;
  after: unknown;
}

/** A fact at its place in the chain. */
export interface AuditEntry extends AuditFacts {
  /** From 1, without gaps. */
  seq: number;
  /** Hash of the entry before; 64 zeros for the first. */
  previous: string;
  /** See `chain`. */
  hash: string;
}

/** What the first entry follows. */
export const BEGINNING = "0".repeat(64);

/**
 * Puts facts behind the last entry: `hash` is the SHA-256, in hex, of the entry's JSON without `hash`, with the keys of each
 * object in order and without spaces. Since the hash of the one before is among them, none can be changed, taken out or put
 * in without another hash for each that follows.
 */
export function chain(facts: AuditFacts, last: Pick<AuditEntry, "seq" | "hash"> | undefined): AuditEntry {
  const placed = { ...facts, seq: (last?.seq ?? 0) + 1, previous: last?.hash ?? BEGINNING };
  return { ...placed, hash: createHash("sha256").update(canonical(placed)).digest("hex") };
}
