import assert from "node:assert/strict";
import { sql as raw } from "kysely";
import { createExposures } from "../../src/database/exposures.ts";
import { createIdempotency } from "../../src/database/idempotency.ts";
import { createRequestBlobs } from "../../src/database/request-blobs.ts";
import type { Sql } from "../../src/database/sql.ts";
import { createSweeper } from "../../src/database/sweep.ts";
import { pass } from "./fixture.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ANSWER = { status: 202, headers: {}, body: "{}" };
const SILENT = { warn: () => undefined };
const useOf = (key: string) => ({ tokenId: "tok_1", route: "POST /v1/deployments", key });

/** What goes when its time is over. `open` gives an empty database. */
export function sweepContract(open: () => Promise<Sql>): void {
  let sql: Sql;
  beforeEach(async () => {
    sql = await open();
  });
  afterEach(() => sql.close());

  /** Makes all uses of keys so much older. */
  async function age(ms: number): Promise<void> {
    await sql.write(async ({ db }) => {
      await raw`update idempotency set started_at = started_at - ${raw.lit(ms)}`.execute(db);
    });
  }

  async function left(
    table: "idempotency" | "exposures" | "leases" | "request_blobs" | "request_blob_pieces",
  ): Promise<number> {
    const { rows } = await raw<{ count: number }>`select count(*) as count from ${raw.table(table)}`.execute(
      sql.read,
    );
    return rows[0]!.count;
  }

  async function sweep(): Promise<void> {
    const sweeper = createSweeper(sql, SILENT);
    await sweeper.sweep();
    await sweeper.close();
  }

  it("removes parts of requests when their time is over, and those that never became whole", async () => {
    const seals = { seal: (plain: string) => plain, open: (sealed: string) => sealed };
    const blobs = createRequestBlobs(sql, seals);
    const { id } = await blobs.add(Buffer.alloc(1_500_000));
    const kept = await blobs.add(Buffer.from("kept"));
    await sql.write(async ({ db }) => {
      await db.updateTable("request_blobs").set({ until: 1 }).where("id", "=", id).execute();
      await db.updateTable("request_blob_pieces").set({ until: 1 }).where("blob_id", "=", id).execute();
      const half = { blob_id: "blob_half", seq: 0, sealed: "", until: 1 };
      await db.insertInto("request_blob_pieces").values(half).execute();
    });
    assert.equal(await blobs.read(id), undefined);
    await sweep();
    assert.equal(await left("request_blobs"), 1);
    assert.equal(await left("request_blob_pieces"), 1);
    assert.ok((await blobs.read(kept.id))!.equals(Buffer.from("kept")));
  });

  it("keeps answers for a day and not longer, however many there are", async () => {
    const store = createIdempotency(sql);
    const keys = Array.from({ length: 1100 }, (_, index) => `k${index}`);
    await sql.write(async ({ db, now }) => {
      const row = { token_id: "t", route: "r", body_hash: "h", answer: "{}" };
      await db
        .insertInto("idempotency")
        .values(keys.map((key) => ({ ...row, key, started_at: now })))
        .execute();
    });
    await age(DAY_MS - MINUTE_MS);
    await store.begin(useOf("young"), "hash");
    await store.finish(useOf("young"), ANSWER);
    await sweep();
    assert.equal(await left("idempotency"), 1101);
    await age(2 * MINUTE_MS);
    await sweep();
    assert.equal(await left("idempotency"), 1);
    assert.equal((await store.begin(useOf("young"), "hash")).state, "replay");
  });

  it("gives a key whose request died again after ten minutes", async () => {
    const store = createIdempotency(sql);
    await store.begin(useOf("k"), "hash");
    await age(9 * MINUTE_MS);
    await sweep();
    assert.equal((await store.begin(useOf("k"), "hash")).state, "in-progress");
    await age(2 * MINUTE_MS);
    await sweep();
    assert.equal(await left("idempotency"), 0);
  });

  it("is not waited for by a key that is used again after its time", async () => {
    const store = createIdempotency(sql);
    await store.begin(useOf("k"), "hash");
    await store.finish(useOf("k"), ANSWER);
    await age(DAY_MS + MINUTE_MS);
    assert.equal((await store.begin(useOf("k"), "other")).state, "new");
    await age(11 * MINUTE_MS);
    assert.equal((await store.begin(useOf("k"), "third")).state, "new");
    assert.equal((await store.begin(useOf("k"), "third")).state, "in-progress");
  });

  it("removes what is served no more, and no other", async () => {
    const store = createExposures(sql);
    const until = new Date((await sql.now()) + DAY_MS).toISOString();
    for (const recordId of ["ends", "stays", "later"])
      await store.publish({ kind: "callback", secretHash: recordId, recordId });
    await store.expire("ends", "callback", until);
    await store.expire("later", "callback", new Date((await sql.now()) + DAY_MS).toISOString());
    await sweep();
    assert.equal(await left("exposures"), 3);
    await store.expire("ends", "callback", null);
    await pass(2);
    await sweep();
    assert.equal(await left("exposures"), 2);
    assert.ok((await store.find("stays")) && (await store.find("later")));
  });

  it("removes leases that ran out, and none that is held", async () => {
    await sql.write(async ({ db, now }) => {
      const until = (ms: number) => raw<number>`${now} + ${raw.lit(ms)}`;
      await db
        .insertInto("leases")
        .values({ name: "held", holder: "h", until: until(60_000) })
        .execute();
      await db
        .insertInto("leases")
        .values({ name: "dead", holder: "h", until: until(-1) })
        .execute();
    });
    await sweep();
    assert.equal(await left("leases"), 1);
  });
}
