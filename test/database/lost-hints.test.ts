import assert from "node:assert/strict";
import type { Database } from "../../src/database/index.ts";
import type { Hint } from "../../src/deploy/index.ts";
import { accepted, begun, claimed, END, forward, NUDGE, newRecord, park } from "./fixture.ts";
import { openTemporary } from "./sqlite.ts";

/** Longer than a hint is waited for, and than the lease of these claims. */
const LONG_MS = 15_000;

describe("a hint that was lost", () => {
  let database: Database;
  let nowMs = 0;
  beforeEach(async () => {
    database = await openTemporary({ clock: () => nowMs });
  });
  afterEach(() => database.close());

  /** Nobody takes it, time and again, and then somebody does. */
  async function isRepeated({ id, hint }: Hint): Promise<void> {
    const { records } = database;
    assert.deepEqual(await records.takeDue(10), [], "somebody may still take it");
    for (let more = 1; more <= 3; more += 1) {
      nowMs += LONG_MS;
      assert.deepEqual(await records.takeDue(10), [{ id, hint: hint + more }]);
    }
    await claimed(database, { id, hint: hint + 3 });
    assert.deepEqual(await records.takeDue(10), [], "somebody has taken it");
  }

  it("is repeated for a record that nobody has looked at yet", async () => {
    await isRepeated(await accepted(database, newRecord()));
  });

  it("is repeated for a parked record that was woken", async () => {
    const claim = await begun(database);
    await database.records.commit(claim, forward(claim.view, park(3_600_000)));
    const woken = await database.records.wake(claim.id, NUDGE);
    assert.ok(typeof woken === "object");
    await isRepeated(woken.hints[0]!);
  });

  it("is repeated for a parked record that came due", async () => {
    const claim = await begun(database);
    await database.records.commit(claim, forward(claim.view, park(1_000)));
    nowMs += LONG_MS;
    const [due] = await database.records.takeDue(10);
    await isRepeated(due!);
  });

  it("is repeated for a record that has got its node", async () => {
    const first = await begun(database, { nodeId: "n" });
    await database.records.accept(newRecord({ nodeId: "n", node: "queue" }));
    const ended = await database.records.commit(first, forward(first.view, END));
    assert.ok(ended.kept);
    await isRepeated(ended.hints[0]!);
  });

  it("is repeated for a record whose runner has died", async () => {
    const { id } = await begun(database);
    nowMs += LONG_MS;
    assert.deepEqual(await database.records.takeDue(10), [{ id, hint: 2 }]);
    await isRepeated({ id, hint: 2 });
  });
});
