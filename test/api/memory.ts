import {
  type Bell,
  begin,
  type DeployEvent,
  type EventBody,
  fold,
  hashOf,
  type InboxItem,
  isFinal,
  type NewRecord,
  type RecordQuery,
  type RecordStore,
  type RecordView,
} from "../../src/deploy/index.ts";
import type { IdempotencyStore, KeptAnswer } from "../../src/api/index.ts";

type Store = Pick<
  RecordStore,
  "accept" | "get" | "sealedSecrets" | "list" | "events" | "eventsSince" | "lastPosition" | "wake"
>;

/** Records in memory, with the real fold; `add` plays the runner. */
export interface MemoryRecords extends Store {
  add(id: string, body: EventBody): void;
  /** How often each method was called. */
  calls: Record<string, number>;
  bell: Bell;
  /** Whether changes ring; a silent bell stands for lost rings. */
  rings: boolean;
  inbox: { id: string; item: InboxItem }[];
  /** What a node carries; nothing unless told. */
  labelsOf: (nodeId: string) => Promise<Record<string, string>>;
}

export function createMemoryRecords(): MemoryRecords {
  const views = new Map<string, RecordView>();
  const events = new Map<string, DeployEvent[]>();
  const all: { position: number; id: string; event: DeployEvent }[] = [];
  const listeners = new Set<(id: string) => void>();
  const callbacks = new Map<string, string>();
  const calls: Record<string, number> = {};
  const counted = (name: string) => (calls[name] = (calls[name] ?? 0) + 1);

  const keep = (id: string, event: DeployEvent) => {
    events.get(id)!.push(event);
    // Positions leave holes, as those of a database do.
    all.push({ position: (all.at(-1)?.position ?? 0) + 2, id, event });
    if (records.rings) for (const onRing of listeners) onRing(id);
  };

  const accept: Store["accept"] = async ({ view, event, callbackHash, node }: NewRecord) => {
    const unfinished = [...views.values()].filter(({ state }) => !isFinal(state));
    const holder = unfinished.find((other) => other.node.id === view.node.id);
    if (node === "now" && holder !== undefined)
      return { accepted: false, reason: "node-busy", holder: holder.id };
    if (callbackHash !== null && unfinished.some(({ id }) => callbacks.get(id) === callbackHash)) {
      return { accepted: false, reason: "callback-in-use" };
    }
    if (callbackHash !== null) callbacks.set(view.id, callbackHash);
    views.set(view.id, begin(view.id, event as DeployEvent & { type: "accepted" }));
    events.set(view.id, []);
    keep(view.id, event);
    return { accepted: true, hints: [], behind: null };
  };

  const records: MemoryRecords = {
    calls,
    rings: true,
    inbox: [],
    labelsOf: async () => ({}),
    accept,
    add: (id, body) => {
      const view = views.get(id)!;
      const event = { ...body, v: 1, seq: view.version + 1, at: new Date().toISOString() } as DeployEvent;
      views.set(id, fold(view, event));
      keep(id, event);
    },
    get: async (id) => {
      counted("get");
      return views.get(id);
    },
    sealedSecrets: async () => null,
    list: async (query) => {
      counted("list");
      const isOf = async ({ node }: RecordView) =>
        carries(await records.labelsOf(node.id), query.nodeLabels ?? {});
      const inScope = await Promise.all(
        [...views.values()].map(async (view) => ((await isOf(view)) ? [view] : [])),
      );
      return inScope
        .flat()
        .filter((view) => fits(view, query))
        .toSorted(newestFirst)
        .slice(0, query.limit);
    },
    events: async (id, after, limit) => {
      counted("events");
      return (events.get(id) ?? []).filter(({ seq }) => seq > after).slice(0, limit);
    },
    eventsSince: async (position, limit) => {
      counted("eventsSince");
      return all.filter((entry) => entry.position > position).slice(0, limit);
    },
    lastPosition: async () => all.at(-1)?.position ?? 0,
    wake: async (id, item) => {
      const view = views.get(id);
      if (view === undefined) return undefined;
      if (isFinal(view.state)) return "ended";
      records.inbox.push({ id, item });
      if (item.kind === "cancel") records.add(id, { type: "cancel-requested", by: item.by });
      return { hints: [] };
    },
    bell: {
      ring: (id) => {
        for (const onRing of listeners) onRing(id);
      },
      listen: (onRing) => {
        listeners.add(onRing);
        return () => listeners.delete(onRing);
      },
    },
  };
  return records;
}

const newestFirst = (one: RecordView, other: RecordView) => (one.id < other.id ? 1 : -1);

function fits(view: RecordView, query: RecordQuery): boolean {
  const labels = "labels" in view.request ? view.request.labels : {};
  return (
    view.kind === query.kind &&
    (query.states?.includes(view.state) ?? true) &&
    (query.nodeId === undefined || view.node.id === query.nodeId) &&
    (query.since === undefined || Date.parse(view.createdAt) >= Date.parse(query.since)) &&
    (query.before === undefined || view.id < query.before) &&
    carries(labels, query.labels ?? {})
  );
}

function carries(labels: Record<string, string>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** Answers in memory; what it was given is kept for the test to look at. */
export function createMemoryIdempotency(): IdempotencyStore & { hashes: string[] } {
  const kept = new Map<string, { hash: string; answer?: KeptAnswer }>();
  const nameOf = (use: object) => JSON.stringify(use);
  const hashes: string[] = [];
  return {
    hashes,
    begin: async (use, bodyHash) => {
      hashes.push(bodyHash);
      const known = kept.get(nameOf(use));
      if (known === undefined) {
        kept.set(nameOf(use), { hash: bodyHash });
        return { state: "new" };
      }
      if (known.hash !== bodyHash) return { state: "mismatch" };
      return known.answer === undefined ? { state: "in-progress" } : { state: "replay", ...known.answer };
    },
    finish: async (use, answer) => {
      kept.get(nameOf(use))!.answer = answer;
    },
    abandon: async (use) => {
      kept.delete(nameOf(use));
    },
  };
}

export const sealNothing = {
  seal: (plain: string) => hashOf(plain),
  open: () => "{}",
  derive: () => Buffer.alloc(32),
};
