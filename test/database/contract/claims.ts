import assert from "node:assert/strict";
import {
  accepted,
  begun,
  claimed,
  END,
  forward,
  GO_ON,
  NUDGE,
  newRecord,
  type Opened,
  park,
  pass,
} from "../fixture.ts";

/** A lease that does not run out in a test, whatever the machine does. */
const LONG_MS = 60_000;

export function acceptance(database: Opened): void {
  it("keeps the record with its event and gives a hint", async () => {
    const { records } = database();
    const record = { ...newRecord({ callbackHash: "h1" }), sealedSecrets: "sealed" };
    const result = await records.accept(record);
    assert.deepEqual(result, { accepted: true, hints: [{ id: record.view.id, hint: 1 }], behind: null });
    assert.deepEqual(await records.get(record.view.id), record.view);
    assert.deepEqual(await records.events(record.view.id, 0, 10), [record.event]);
    assert.equal(await records.sealedSecrets(record.view.id), "sealed");
  });

  it("refuses a second one on a busy node and names the first", async () => {
    const first = await begun(database(), { nodeId: "n" });
    const second = await database().records.accept(newRecord({ nodeId: "n" }));
    assert.deepEqual(second, { accepted: false, reason: "node-busy", holder: first.id });
    assert.equal(await database().records.holderOf("n"), first.id);
  });

  it("lets one of many that come together have the node", async () => {
    const { records } = database();
    const all = Array.from({ length: 8 }, () => records.accept(newRecord({ nodeId: "n" })));
    const results = await Promise.all(all);
    assert.equal(results.filter((result) => result.accepted).length, 1);
  });

  it("refuses a call-back secret that an unfinished record uses, and allows it afterwards", async () => {
    const { records } = database();
    const first = await begun(database(), { callbackHash: "h" });
    const again = () => records.accept(newRecord({ callbackHash: "h" }));
    assert.deepEqual(await again(), { accepted: false, reason: "callback-in-use" });
    await records.commit(first, forward(first.view, END));
    assert.equal((await again()).accepted, true);
  });

  it("keeps nothing of a refused one", async () => {
    const { records } = database();
    await begun(database(), { callbackHash: "h" });
    const refused = newRecord({ nodeId: "n2", callbackHash: "h" });
    await records.accept(refused);
    assert.equal(await records.get(refused.view.id), undefined);
    assert.equal(await records.holderOf("n2"), undefined);
  });
}

export function claims(database: Opened): void {
  it("give the view and what came in, to one of many", async () => {
    const { records } = database();
    const hint = await accepted(database(), newRecord());
    await records.wake(hint.id, NUDGE);
    const all = await Promise.all([1, 2, 3].map(() => records.claim(hint, 10_000)));
    const [claim, ...others] = all.filter((one) => one !== undefined);
    assert.deepEqual(others, []);
    assert.deepEqual(claim?.inbox, [NUDGE]);
    assert.equal(claim.view.version, 1);
    assert.equal(claim.leaseUntilMs - claim.nowMs, 10_000);
  });

  it("are refused for unknown and for finished records", async () => {
    const { records } = database();
    const claim = await begun(database());
    await records.commit(claim, forward(claim.view, END));
    assert.equal(await records.claim({ id: claim.id, hint: 1 }, 1000), undefined);
    assert.equal(await records.claim({ id: "dep_unknown", hint: 1 }, 1000), undefined);
  });

  it("are refused to an old hint when there is nothing to do", async () => {
    const { records } = database();
    const claim = await begun(database());
    const old = { id: claim.id, hint: 1 };
    await records.commit(claim, forward(claim.view, park(60_000)));
    assert.equal(await records.claim(old, 1000), undefined);
    await records.wake(claim.id, NUDGE);
    assert.ok(await records.claim(old, 1000), "an old hint still serves what came in");
  });

  it("that lost their lease to another can append no more", async () => {
    const { records } = database();
    const hint = await accepted(database(), newRecord());
    const slow = await claimed(database(), hint, 30);
    await pass(50);
    const next = await claimed(database(), hint);
    assert.equal(next.epoch, slow.epoch + 1);
    assert.deepEqual(await records.commit(slow, forward(slow.view, GO_ON)), { kept: false });
    assert.deepEqual(await records.renew([slow], 1000), new Set());
    assert.equal(await records.takeNode(slow), false);
    assert.equal((await records.get(hint.id))?.version, 1);
    assert.ok((await records.commit(next, forward(next.view, GO_ON))).kept);
  });

  it("hold as long as they are renewed or go on", async () => {
    const { records } = database();
    const [renewed, goesOn] = [
      await accepted(database(), newRecord()),
      await accepted(database(), newRecord()),
    ];
    const first = await claimed(database(), renewed, 20);
    assert.deepEqual(await records.renew([first], LONG_MS), new Set([renewed.id]));
    const second = await claimed(database(), goesOn, 20);
    await records.commit(second, forward(second.view, { kind: "go-on", leaseMs: LONG_MS }));
    await pass(40);
    assert.equal(await records.claim(renewed, 1000), undefined);
    assert.equal(await records.claim(goesOn, 1000), undefined);
  });

  it("that were taken for longer, as a request is under way, are not cut short by a renewal", async () => {
    const { records } = database();
    const claim = await begun(database());
    await records.commit(claim, forward(claim.view, { kind: "go-on", leaseMs: LONG_MS }));
    assert.deepEqual(await records.renew([claim], 10), new Set([claim.id]));
    await pass(30);
    assert.equal(await records.claim({ id: claim.id, hint: 1 }, 1000), undefined);
  });

  it("that are given back are had by the next at once, with what had come in", async () => {
    const { records } = database();
    const record = await accepted(database(), newRecord());
    await records.wake(record.id, NUDGE);
    const first = await claimed(database(), record, LONG_MS);
    await records.commit(first, forward(first.view, { kind: "go-on", leaseMs: LONG_MS }));
    await records.wake(record.id, NUDGE);
    assert.equal(await records.claim(record, 1000), undefined);
    await records.giveBack([first, { id: "dep_unknown", epoch: 1 }]);
    assert.ok(
      (await records.takeDue(10)).some(({ id }) => id === record.id),
      "it was not due",
    );
    const second = await claimed(database(), record, LONG_MS);
    assert.equal(second.view.version, first.view.version + 1);
    assert.deepEqual(second.inbox, [NUDGE]);
    await assert.doesNotReject(records.giveBack([first]));
    assert.equal(await records.claim(record, 1000), undefined, "it was taken from its successor");
    assert.equal((await records.commit(first, forward(second.view, GO_ON))).kept, false);
  });

  it("that ran out come due, and still hold while nobody else has claimed", async () => {
    const { records } = database();
    const claim = await claimed(database(), await accepted(database(), newRecord()), 20);
    await pass(40);
    assert.deepEqual(await records.takeDue(10), [{ id: claim.id, hint: 2 }]);
    assert.deepEqual(await records.renew([claim], LONG_MS), new Set([claim.id]));
    assert.equal(await records.claim({ id: claim.id, hint: 2 }, 1000), undefined);
    assert.ok((await records.commit(claim, forward(claim.view, GO_ON))).kept);
  });
}
