import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, SqliteDialect } from "kysely";
import { openDatabase } from "../../src/database/index.ts";
import { migrate, MIGRATIONS } from "../../src/database/migrations.ts";
import { adapt } from "../../src/database/sqlite/adapt.ts";
import type { Tables } from "../../src/database/tables.ts";
import { accepted, newRecord } from "./fixture.ts";
import { makeFolder } from "./sqlite.ts";

describe("migrations", () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A database as it was after one of them, with a deployment in it. */
  async function makeOld(upTo: string) {
    const old = new DatabaseSync(join(folder, "trayload.db"));
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(old) }) });
    await migrate(db, "sqlite", upTo);
    const { view, event } = newRecord();
    const never = {
      due_at: 0,
      ticket: null,
      sealed_secrets: null,
      callback_hash: null,
      lease_ms: 0,
      epoch: 0,
    };
    const row = {
      ...never,
      id: view.id,
      kind: "deployment",
      node_id: view.node.id,
      phase: "queued",
      waits_node: 0,
    } as const;
    const rest = { hint: 1, wakes: 0, looked: 0, state: "queued", version: 1, created_at: 1 };
    await db
      .insertInto("records")
      .values({ ...row, ...rest, view: JSON.stringify(view) })
      .execute();
    await db
      .insertInto("events")
      .values({ record_id: view.id, seq: 1, body: JSON.stringify(event) })
      .execute();
    old.close();
    return { view, event };
  }

  // Every third, as each one waits for the disk some dozen times.
  for (const last of MIGRATIONS.filter((_, index) => index % 3 === 0))
    it(`lead on from ${last}, with what was kept by then`, async () => {
      const { view, event } = await makeOld(last);
      const database = await openDatabase({ folder });
      assert.deepEqual(await database.records.get(view.id), view);
      assert.deepEqual(await database.records.events(view.id, 0, 10), [event]);
      assert.ok(await database.records.claim({ id: view.id, hint: 1 }, 1_000));
      await database.close();
    });

  it("of a later release are passed over by this one, which goes on working", async () => {
    await (await openDatabase({ folder })).close();
    const later = new DatabaseSync(join(folder, "trayload.db"));
    later.exec("alter table records add column next text");
    later.exec(
      "insert into kysely_migration (name, timestamp) values ('9999-next', '2030-01-01T00:00:00.000Z')",
    );
    later.close();
    const database = await openDatabase({ folder });
    assert.ok(await accepted(database, newRecord()));
    await database.close();
  });
});
