import assert from "node:assert/strict";
import { DatabaseError } from "../../../src/database/index.ts";
import {
  accepted,
  begun,
  CANCEL,
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

export function commits(database: Opened): void {
  it("append events and the view together", async () => {
    const { records } = database();
    const claim = await begun(database());
    const step = forward(claim.view, GO_ON, { messages: ["a", "b"] });
    await records.commit(claim, step);
    assert.deepEqual(await records.get(claim.id), step.view);
    assert.deepEqual(await records.events(claim.id, 1, 10), step.events);
  });

  it("refuse events that do not follow, and keep nothing of them", async () => {
    const { records } = database();
    const claim = await begun(database());
    await assert.rejects(
      records.commit(claim, forward({ ...claim.view, version: 4 }, GO_ON)),
      (error) => error instanceof DatabaseError && error.code === "events-out-of-order",
    );
    assert.equal((await records.get(claim.id))?.version, 1);
  });

  it("park until the next look, which comes due", async () => {
    const { records } = database();
    const [later, soon] = [await begun(database()), await begun(database())];
    const parked = await records.commit(later, forward(later.view, park(60_000)));
    assert.ok(parked.kept && parked.parked);
    assert.deepEqual(await records.takeDue(10), []);
    await records.commit(soon, forward(soon.view, park(40)));
    await pass(60);
    const due = await records.takeDue(10);
    assert.deepEqual(due, [{ id: soon.id, hint: 2 }]);
    assert.deepEqual(await records.takeDue(10), [], "it is repeated only when nobody takes it");
    await claimed(database(), due[0]!);
  });

  it("take parts of milliseconds", async () => {
    const { records } = database();
    const claim = await begun(database());
    const kept = forward(claim.view, { kind: "go-on", leaseMs: 1_000.25 });
    assert.ok((await records.commit(claim, kept)).kept);
    const parked = await records.commit(claim, forward(kept.view, park(10.5)));
    assert.ok(parked.kept && parked.parked);
    await pass(30);
    assert.equal((await records.takeDue(10)).length, 1);
  });

  it("append nothing under a claim that was let go", async () => {
    const { records } = database();
    const claim = await begun(database());
    const step = forward(claim.view, park(60_000));
    await records.commit(claim, step);
    assert.deepEqual(await records.commit(claim, forward(step.view, GO_ON)), { kept: false });
  });

  it("do not park when something came in since the last look", async () => {
    const { records } = database();
    const claim = await begun(database());
    await records.wake(claim.id, CANCEL);
    const step = forward(claim.view, park(60_000));
    const result = await records.commit(claim, step);
    assert.ok(result.kept && !result.parked);
    assert.deepEqual(result.inbox, [CANCEL]);
    assert.equal(await records.claim({ id: claim.id, hint: 1 }, 1000), undefined, "it is still held");
    const again = forward(step.view, park(60_000));
    const parked = await records.commit({ ...claim, inboxSeq: result.inboxSeq }, again);
    assert.ok(parked.kept && parked.parked && parked.inbox.length === 0);
  });

  it("accept a follow-up in the same transaction", async () => {
    const { records } = database();
    const claim = await begun(database(), { nodeId: "n" });
    const followUp = newRecord({ nodeId: "n", node: "queue" });
    const result = await records.commit(claim, forward(claim.view, END, { followUp }));
    assert.deepEqual(result.kept && result.hints, [{ id: followUp.view.id, hint: 1 }]);
    assert.equal(await records.holderOf("n"), followUp.view.id);
  });

  it("keep nothing when their follow-up is refused", async () => {
    const { records } = database();
    const claim = await begun(database(), { nodeId: "n" });
    const followUp = newRecord({ nodeId: "n", node: "now" });
    await assert.rejects(
      records.commit(claim, forward(claim.view, GO_ON, { followUp })),
      (error) => error instanceof DatabaseError && error.code === "follow-up-refused",
    );
    assert.equal((await records.get(claim.id))?.version, 1);
  });
}

export function wakes(database: Opened): void {
  it("ring an idle record at once, and only the first time", async () => {
    const { records } = database();
    const { id, ...claim } = await begun(database());
    await records.commit({ id, ...claim }, forward(claim.view, park(60_000)));
    assert.deepEqual(await records.wake(id, NUDGE), { hints: [{ id, hint: 2 }] });
    assert.deepEqual(await records.wake(id, CANCEL), { hints: [] });
    const next = await claimed(database(), { id, hint: 2 });
    assert.deepEqual(next.inbox, [NUDGE, CANCEL]);
  });

  it("are read again by the next claim when the first died before its commit", async () => {
    const { records } = database();
    const hint = await accepted(database(), newRecord());
    await records.wake(hint.id, NUDGE);
    await claimed(database(), hint, 10);
    await pass(20);
    assert.deepEqual((await claimed(database(), hint)).inbox, [NUDGE]);
  });

  it("are read again by the next claim when the first died after the commit that told it of them", async () => {
    const { records } = database();
    const claim = await begun(database());
    await records.wake(claim.id, NUDGE);
    const told = await records.commit(claim, forward(claim.view, { kind: "go-on", leaseMs: 10 }));
    assert.deepEqual(told.kept && told.inbox, [NUDGE]);
    await pass(20);
    assert.deepEqual((await claimed(database(), { id: claim.id, hint: 1 })).inbox, [NUDGE]);
  });

  it("are told of unknown and of finished records", async () => {
    const { records } = database();
    const claim = await begun(database());
    await records.commit(claim, forward(claim.view, END));
    assert.equal(await records.wake(claim.id, NUDGE), "ended");
    assert.equal(await records.wake("dep_unknown", NUDGE), undefined);
  });

  it("that raced the end are handed to whoever ended the record", async () => {
    const { records } = database();
    const claim = await begun(database());
    await records.wake(claim.id, NUDGE);
    const result = await records.commit(claim, forward(claim.view, END));
    assert.ok(result.kept && !result.parked);
    assert.deepEqual(result.inbox, [NUDGE]);
  });

  it("are numbered one by one when many come together", async () => {
    const { records } = database();
    const hint = await accepted(database(), newRecord());
    const about = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(about.map((one) => records.wake(hint.id, { kind: "nudge", about: one })));
    const claim = await claimed(database(), hint);
    assert.equal(claim.inboxSeq, 20);
    const seen = claim.inbox.map((item) => (item.kind === "nudge" ? item.about : item.kind));
    assert.deepEqual(seen.toSorted(), about.toSorted());
  });
}
