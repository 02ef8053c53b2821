import assert from "node:assert/strict";
import { type AuditFacts, type AuditStore, chain } from "../../src/api/index.ts";
import { createAuditStore } from "../../src/database/audit.ts";
import type { Sql } from "../../src/database/sql.ts";

const FACTS: AuditFacts = {
  at: "2026-01-01T00:00:00.000Z",
  who: { tokenId: "tok_1", name: "pipeline", role: "operator" },
  from: "10.0.0.1",
  action: "PATCH /v1/nodes/{id}",
  target: "/v1/nodes/n1",
  outcome: "done",
  status: 200,
  code: null,
  requestId: "r1",
  before: { rack: "é'\"" },
  after: { rack: null },
};

/** What every database must do for the audit. `open` gives an empty one. */
export function auditContract(open: () => Promise<Sql>): void {
  let sql: Sql;
  let audit: AuditStore;
  beforeEach(async () => {
    sql = await open();
    audit = createAuditStore(sql);
  });
  afterEach(() => sql.close());

  const seqs = async (query: object) => {
    const entries = await audit.list({ isOldestFirst: true, limit: 100, ...query });
    return entries.map(({ seq }) => seq);
  };

  it("chains what comes, also when much comes at once", async () => {
    const added = await Promise.all(Array.from({ length: 20 }, () => audit.append(FACTS)));
    const entries = await audit.list({ isOldestFirst: true, limit: 100 });
    assert.deepEqual(
      added.toSorted((one, other) => one.seq - other.seq),
      entries,
    );
    for (const [index, entry] of entries.entries()) assert.deepEqual(chain(FACTS, entries[index - 1]), entry);
  });

  it("finds by each filter, in both orders and in pages", async () => {
    await audit.append(FACTS);
    await audit.append({ ...FACTS, who: null, outcome: "refused", at: "2026-01-02T00:00:00.000Z" });
    await audit.append({ ...FACTS, action: "POST /v1/nodes", target: "/v1/nodes" });
    await audit.append({ ...FACTS, target: "/v1/nodes/n10" });
    assert.deepEqual(await seqs({ who: "pipeline" }), [1, 3, 4]);
    assert.deepEqual(await seqs({ outcome: "refused" }), [2]);
    assert.deepEqual(await seqs({ action: "POST /v1/nodes" }), [3]);
    assert.deepEqual(await seqs({ target: "/v1/nodes/n1" }), [1, 2, 4]);
    assert.deepEqual(await seqs({ target: "/v1/nodes/n10" }), [4]);
    assert.deepEqual(await seqs({ sinceMs: Date.parse("2026-01-01T12:00:00Z") }), [2]);
    assert.deepEqual(await seqs({ untilMs: Date.parse("2026-01-02T00:00:00Z") }), [1, 3, 4]);
    assert.deepEqual(await seqs({ isOldestFirst: false, limit: 2 }), [4, 3]);
    assert.deepEqual(await seqs({ isOldestFirst: false, beyond: 3 }), [2, 1]);
    assert.deepEqual(await seqs({ beyond: 3 }), [4]);
  });

  it("refuses to change or forget an entry, whoever asks", async () => {
    await audit.append(FACTS);
    const change = sql.write(({ db }) => db.updateTable("audit").set({ body: "{}" }).execute());
    await assert.rejects(change, /only added to/);
    const removal = sql.write(({ db }) => db.deleteFrom("audit").execute());
    await assert.rejects(removal, /only added to/);
    assert.deepEqual(await seqs({}), [1]);
  });
}
