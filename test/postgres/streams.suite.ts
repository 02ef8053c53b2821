import assert from "node:assert/strict";
import { openPostgres } from "../../src/database/postgres/open.ts";
import { accept } from "../../src/database/records/accept.ts";
import { createRecordStore } from "../../src/database/records/record-store.ts";
import type { Sql } from "../../src/database/sql.ts";
import type { RecordStore } from "../../src/deploy/index.ts";
import { newRecord, pass } from "../database/fixture.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";
import { ask, empty } from "./tables.ts";

describe("the stream of all events on PostgreSQL", () => {
  let server: PostgresServer;
  let handles: Sql[] = [];
  before(async function () {
    needPostgres(this);
    server = await startPostgres();
  });
  after(() => server?.remove());
  afterEach(async () => {
    await Promise.all(handles.map((handle) => handle.close()));
    handles = [];
  });

  async function open(): Promise<Sql> {
    const handle = await openPostgres(server.url);
    handles.push(handle);
    return handle;
  }

  /** Accepts a record in a transaction that stays open until `linger` has ended. */
  async function acceptSlowly(handle: Sql, linger = async () => {}): Promise<string> {
    const record = newRecord();
    await handle.write(async (transaction) => {
      await accept(transaction, record);
      await linger();
    });
    return record.view.id;
  }

  /** Reads on from `position` to the end. */
  async function follow(records: RecordStore, position: number) {
    const events = await records.eventsSince(position, 1000);
    return { ids: events.map(({ id }) => id), position: events.at(-1)?.position ?? position };
  }

  it("shows nothing beyond a transaction that still runs, and then everything in order", async () => {
    const records = createRecordStore(await open());
    await empty(server.url);
    const slow = await open();
    const [begun, isSeen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const late = acceptSlowly(slow, () => (begun.resolve(), isSeen.promise));
    await begun.promise;
    const early = await acceptSlowly(slow);
    assert.deepEqual(await records.events(early, 0, 10).then(({ length }) => length), 1);
    assert.deepEqual((await follow(records, 0)).ids, []);
    assert.equal(await records.lastPosition(), 0);
    assert.deepEqual((await follow(records, 0)).ids, []);
    isSeen.resolve();
    assert.deepEqual([await late, early], (await follow(records, 0)).ids);
  });

  it("loses nothing to a reader while fifty slow transactions commit in any order", async () => {
    const records = createRecordStore(await open());
    await empty(server.url);
    const writers = await Promise.all([1, 2, 3, 4, 5].map(open));
    let isOver = false;
    const seen: string[] = [];
    const reading = (async () => {
      for (let position = 0; ; ) {
        const wasOver = isOver;
        const read = await follow(records, position);
        seen.push(...read.ids);
        position = read.position;
        if (wasOver && read.ids.length === 0) return;
        await pass(1);
      }
    })();
    const accepted = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        acceptSlowly(writers[index % 5]!, () => pass((index * 37) % 50)),
      ),
    );
    isOver = true;
    await reading;
    assert.equal(seen.length, 200);
    assert.deepEqual(seen.toSorted(), accepted.toSorted());
  });

  it("goes on where it was after the data moved to a server that has counted less", async () => {
    const before = await open();
    await empty(server.url);
    const first = await acceptSlowly(before);
    await ask(server.url, "update events set position = position + 5000000 * 4096::bigint");
    const records = createRecordStore(await open());
    const last = await records.lastPosition();
    assert.ok(last > 5_000_000 * 4096);
    const second = await acceptSlowly(before);
    const { ids, position } = await follow(records, last);
    assert.deepEqual(ids, [second]);
    const third = await acceptSlowly(await open());
    assert.deepEqual((await follow(records, position)).ids, [third]);
    assert.deepEqual((await follow(records, 0)).ids, [first, second, third]);
  });
});
