import assert from "node:assert/strict";
import type { Database } from "../../src/database/index.ts";
import { interrupt } from "../../src/deploy/index.ts";
import { accepted, begun, newRecord } from "./fixture.ts";

/** One life of a database after another. `open` gives an empty one. */
export function lineageContract(open: () => Promise<Database>): void {
  let database: Database;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  it("begins once, and has a pulse that grows", async () => {
    const { id, pulse } = await database.lineage.read();
    const beat = await database.lineage.beat();
    assert.deepEqual(beat, { id, pulse: pulse + 1 });
    assert.deepEqual(await database.lineage.read(), { ...beat, copied: null, isNew: false });
  });

  it("ends with all that was under way, and with nothing that had ended", async () => {
    const running = await begun(database);
    const { view: waiting, ...queued } = newRecord({ nodeId: running.view.node.id, node: "queue" });
    await database.records.accept({ view: waiting, ...queued });
    const life = await database.lineage.read();
    const end = (view: Parameters<typeof interrupt>[0], nowMs: number) => interrupt(view, nowMs, "of a test");
    assert.equal(await database.lineage.begin(life, end), 2);
    for (const { id } of [running, waiting]) {
      const view = (await database.records.get(id))!;
      assert.deepEqual([view.state, view.clean, view.error?.code], ["failed", false, "restored-from-backup"]);
      const events = await database.records.events(id, 0, 100);
      assert.deepEqual(events.at(-1)?.type, "failed");
      assert.equal(events.at(-1)?.seq, view.version);
      assert.equal(await database.records.claim({ id, hint: 99 }, 1_000), undefined);
    }
    assert.equal(await database.records.holderOf(running.view.node.id), undefined);
    const fenced = await database.records.commit(running, {
      events: [],
      view: running.view,
      next: { kind: "end" },
    });
    assert.equal(fenced.kept, false);
  });

  it("is begun anew by the first who finds it old, and by nobody after", async () => {
    const life = await database.lineage.read();
    await database.lineage.begin(life, undefined);
    const { id } = await accepted(database, newRecord());
    const end = () => assert.fail("nothing of the new life is to be ended");
    assert.equal(await database.lineage.begin(life, end), 0);
    assert.equal((await database.records.get(id))?.state, "queued");
    assert.notEqual((await database.lineage.read()).id, life.id);
  });
}
