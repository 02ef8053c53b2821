import assert from "node:assert/strict";
import { ulid } from "ulid";
import type { Database } from "../../src/database/index.ts";
import {
  begin,
  type Claim,
  type Commit,
  type DeployEvent,
  type DeploymentRequest,
  type EventBody,
  type Hint,
  type NewRecord,
  type RecordView,
} from "../../src/deploy/index.ts";

/** Gives the database of the running test; each test has an empty one. */
export type Opened = () => Database;

interface Wanted {
  id?: string;
  nodeId?: string;
  node?: NewRecord["node"];
  labels?: Record<string, string>;
  callbackHash?: string;
  createdAt?: string;
  state?: RecordView["state"];
}

/** A record as intake would make it. */
export function newRecord(wanted: Wanted = {}): NewRecord {
  const { id = `dep_${ulid()}`, nodeId = `node_${ulid()}`, createdAt = "2026-01-01T00:00:00.000Z" } = wanted;
  const node = { id: nodeId, name: "rack1-u07" };
  const request: DeploymentRequest = {
    nodeId,
    purpose: "deploy",
    boot: { iso: { url: "http://images/boot.iso", checksum: null } },
    disc: { kernelArgs: "", files: [], label: null },
    finish: "disc-read",
    eject: "on-reboot",
    bootPolicy: "once",
    bootMode: null,
    power: "on",
    whenBusy: "reject",
    timeoutMs: 60_000,
    discTtlMs: 60_000,
    labels: wanted.labels ?? {},
  };
  const planned = { plan: [], planVersion: 1, retryOf: null };
  const numbers = { v: 1, seq: 1, at: createdAt } as const;
  const event = { type: "accepted", kind: "deployment", node, request, ...planned, ...numbers } as const;
  return {
    view: { ...begin(id, event), state: wanted.state ?? "queued" },
    event,
    sealedSecrets: null,
    callbackHash: wanted.callbackHash ?? null,
    node: wanted.node ?? "now",
  };
}

function numbered(body: EventBody, seq: number): DeployEvent {
  return { ...body, v: 1, seq, at: "2026-01-01T00:00:00.000Z" };
}

/** One step forward of a claimed record: a warning for an event, as nothing depends on it here. */
export function forward(
  view: RecordView,
  next: Commit["next"],
  more: { messages?: string[]; followUp?: NewRecord } = {},
): Commit {
  const { messages = ["noted"], followUp } = more;
  const events = messages.map((message, index) =>
    numbered({ type: "warned", step: null, message }, view.version + 1 + index),
  );
  const state = next.kind === "end" ? "succeeded" : "running";
  return {
    events,
    view: {
      ...view,
      state,
      version: view.version + events.length,
      warnings: [...view.warnings, ...messages],
    },
    next,
    ...(followUp === undefined ? {} : { followUp }),
  };
}

/** Accepts a record, which must not wait, and gives its hint. */
export async function accepted(database: Database, record: NewRecord): Promise<Hint> {
  const result = await database.records.accept(record);
  assert.ok(result.accepted, "the record was refused");
  const [hint] = result.hints;
  assert.ok(hint, "the record waits");
  return hint;
}

/** Claims a record that must be free to be claimed. */
export async function claimed(database: Database, hint: Hint, leaseMs = 10_000): Promise<Claim> {
  const claim = await database.records.claim(hint, leaseMs);
  assert.ok(claim, `${hint.id} could not be claimed by hint ${hint.hint}`);
  return claim;
}

/** Accepts and claims. */
export async function begun(database: Database, wanted: Wanted = {}): Promise<Claim> {
  return claimed(database, await accepted(database, newRecord(wanted)));
}

export const END = { kind: "end" } as const;
export const GO_ON = { kind: "go-on", leaseMs: 1_000 } as const;
export const park = (dueInMs: number) => ({ kind: "park", dueInMs }) as const;
export const CANCEL = { kind: "cancel", by: "ops" } as const;
export const NUDGE = { kind: "nudge", about: "image" } as const;

/** Waits for real time: leases follow the database's clock. */
export function pass(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}
