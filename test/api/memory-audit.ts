import { type AuditEntry, type AuditQuery, type AuditStore, chain } from "../../src/api/index.ts";

/** The audit in memory, with the real chain; `entries` is what a database would hold. */
export function createMemoryAudit(): AuditStore & { entries: AuditEntry[] } {
  const entries: AuditEntry[] = [];
  return {
    entries,
    append: async (facts) => {
      const entry = JSON.parse(JSON.stringify(chain(facts, entries.at(-1)))) as AuditEntry;
      entries.push(entry);
      return entry;
    },
    list: async (query) => {
      const found = entries.filter((entry) => fits(entry, query));
      return (query.isOldestFirst ? found : found.toReversed()).slice(0, query.limit);
    },
  };
}

function fits(entry: AuditEntry, query: AuditQuery): boolean {
  const { who, action, target = "", outcome, beyond, sinceMs = 0, untilMs = Infinity } = query;
  const atMs = Date.parse(entry.at);
  return (
    [entry.who?.name, undefined].includes(who) &&
    [entry.action, undefined].includes(action) &&
    [entry.outcome, undefined].includes(outcome) &&
    entry.target.startsWith(target) &&
    atMs >= sinceMs &&
    atMs < untilMs &&
    (beyond === undefined || (query.isOldestFirst ? entry.seq > beyond : entry.seq < beyond))
  );
}
