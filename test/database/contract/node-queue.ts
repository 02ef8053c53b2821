import assert from "node:assert/strict";
import { begun, CANCEL, claimed, END, forward, NUDGE, newRecord, type Opened, park } from "../fixture.ts";

/** Accepts one that must wait, and gives its id. */
async function waiting(database: Opened, behind: string): Promise<string> {
  const record = newRecord({ nodeId: "n", node: "queue" });
  const result = await database().records.accept(record);
  assert.deepEqual(result, { accepted: true, hints: [], behind });
  return record.view.id;
}

export function nodeQueue(database: Opened): void {
  it("is served in the order of acceptance", async () => {
    const { records } = database();
    const first = await begun(database(), { nodeId: "n" });
    const second = await waiting(database, first.id);
    const third = await waiting(database, second);
    assert.equal(await records.claim({ id: second, hint: 1 }, 1000), undefined);
    const ended = await records.commit(first, forward(first.view, END));
    assert.deepEqual(ended.kept && ended.hints, [{ id: second, hint: 1 }]);
    const next = await claimed(database(), { id: second, hint: 1 });
    const endedToo = await records.commit(next, forward(next.view, END));
    assert.deepEqual(endedToo.kept && endedToo.hints, [{ id: third, hint: 1 }]);
  });

  it("lets a waiting one end cancelled without the node", async () => {
    const { records } = database();
    const first = await begun(database(), { nodeId: "n" });
    const second = await waiting(database, first.id);
    assert.deepEqual(await records.wake(second, NUDGE), { hints: [] });
    assert.deepEqual(await records.wake(second, CANCEL), { hints: [{ id: second, hint: 1 }] });
    const cancelled = await claimed(database(), { id: second, hint: 1 });
    assert.deepEqual(cancelled.inbox, [NUDGE, CANCEL]);
    const ended = await records.commit(cancelled, forward(cancelled.view, END));
    assert.deepEqual(ended.kept && ended.hints, []);
    assert.equal(await records.holderOf("n"), first.id);
    const freed = await records.commit(first, forward(first.view, END));
    assert.deepEqual(freed.kept && freed.hints, []);
    assert.equal(await records.holderOf("n"), undefined);
  });

  it("takes one back that parks without having the node", async () => {
    const { records } = database();
    const first = await begun(database(), { nodeId: "n" });
    const second = await waiting(database, first.id);
    await records.wake(second, CANCEL);
    const woken = await claimed(database(), { id: second, hint: 1 });
    await records.commit(woken, forward(woken.view, park(0)));
    assert.deepEqual(await records.takeDue(10), []);
    const freed = await records.commit(first, forward(first.view, END));
    assert.deepEqual(freed.kept && freed.hints, [{ id: second, hint: 2 }]);
  });

  it("gives the node to one that is being cancelled, which hands it on", async () => {
    const { records } = database();
    const first = await begun(database(), { nodeId: "n" });
    const second = await waiting(database, first.id);
    const third = await waiting(database, second);
    await records.wake(second, CANCEL);
    const cancelled = await claimed(database(), { id: second, hint: 1 });
    const freed = await records.commit(first, forward(first.view, END));
    assert.deepEqual(freed.kept && freed.hints, [], "it is at work already");
    const ended = await records.commit(cancelled, forward(cancelled.view, END));
    assert.deepEqual(ended.kept && ended.hints, [{ id: third, hint: 1 }]);
  });

  it("lets a record take a free node later, and no other's", async () => {
    const { records } = database();
    const reader = await begun(database(), { nodeId: "n", node: "none" });
    const holder = await begun(database(), { nodeId: "n" });
    assert.equal(await records.takeNode(reader), false);
    await records.commit(holder, forward(holder.view, END));
    assert.equal(await records.takeNode(reader), true);
    assert.equal(await records.takeNode(reader), true, "it has it already");
    assert.equal(await records.holderOf("n"), reader.id);
  });

  it("gives a node that was left to the next who waits, and nobody else's", async () => {
    const { records } = database();
    const reader = await begun(database(), { nodeId: "n", node: "none" });
    const other = await begun(database(), { nodeId: "n", node: "none" });
    assert.deepEqual(await records.leaveNode(reader), [], "it has none");
    await records.takeNode(reader);
    const next = await waiting(database, reader.id);
    assert.deepEqual(await records.leaveNode(other), []);
    assert.deepEqual(await records.leaveNode({ ...reader, epoch: reader.epoch - 1 }), []);
    assert.equal(await records.holderOf("n"), reader.id);
    assert.deepEqual(await records.leaveNode(reader), [{ id: next, hint: 1 }]);
    assert.equal(await records.holderOf("n"), next);
  });
}
