import assert from "node:assert/strict";
import { DatabaseError } from "../../../src/database/index.ts";
import { accepted, begun, END, forward, GO_ON, newRecord, type Opened, park } from "../fixture.ts";

export function reading(database: Opened): void {
  it("lists the newest first, by state, node, label and time", async () => {
    const odd = { "x.io/y": "é'\"" };
    const records = [
      newRecord({ id: "dep_1", nodeId: "a", labels: { wave: "1", ...odd } }),
      newRecord({ id: "dep_2", nodeId: "b", labels: { wave: "2" }, createdAt: "2026-02-01T00:00:00Z" }),
      newRecord({ id: "dep_3", nodeId: "c", labels: { wave: "1" }, state: "failed" }),
    ];
    for (const record of records) await accepted(database(), record);
    const ids = async (query: object) => {
      const views = await database().records.list({ kind: "deployment", limit: 10, ...query });
      return views.map(({ id }) => id);
    };
    assert.deepEqual(await ids({}), ["dep_3", "dep_2", "dep_1"]);
    assert.deepEqual(await ids({ limit: 1 }), ["dep_3"]);
    assert.deepEqual(await ids({ before: "dep_3" }), ["dep_2", "dep_1"]);
    assert.deepEqual(await ids({ states: ["failed", "cancelled"] }), ["dep_3"]);
    assert.deepEqual(await ids({ states: [] }), []);
    assert.deepEqual(await ids({ nodeId: "b" }), ["dep_2"]);
    assert.deepEqual(await ids({ labels: { wave: "1" } }), ["dep_3", "dep_1"]);
    assert.deepEqual(await ids({ labels: { wave: "1", ...odd } }), ["dep_1"]);
    assert.deepEqual(await ids({ since: "2026-01-15T00:00:00+00:00" }), ["dep_2"]);
    assert.deepEqual(await ids({ kind: "operation" }), []);
    assert.deepEqual(await database().records.countOpen(), [
      { kind: "deployment", state: "queued", step: null, count: 2 },
    ]);
  });

  it("finds those of a label that very many have as surely as those of one that few have", async () => {
    const { records } = database();
    const some = Array.from({ length: 1002 }, (_, n) =>
      newRecord({
        id: `dep_${String(n).padStart(4, "0")}`,
        labels: { team: "red", wave: String(n % 501) },
        ...(n % 100 === 7 ? { state: "failed" as const } : {}),
      }),
    );
    await Promise.all(some.map((record) => records.accept(record)));
    const list = async (query: object) =>
      (await records.list({ kind: "deployment", limit: 3, ...query })).map(({ id }) => id);
    assert.deepEqual(await list({ labels: { team: "red" } }), ["dep_1001", "dep_1000", "dep_0999"]);
    assert.deepEqual(await list({ labels: { team: "red", wave: "7" } }), ["dep_0508", "dep_0007"]);
    const failed = { states: ["failed"], labels: { team: "red" }, before: "dep_0900" };
    assert.deepEqual(await list(failed), ["dep_0807", "dep_0707", "dep_0607"]);
    assert.deepEqual(await list({ ...failed, labels: { team: "red", wave: "6" } }), ["dep_0507"]);
    assert.deepEqual(await list({ labels: { team: "blue" } }), []);
  });

  it("counts what has not ended by what it is in, and what is late", async () => {
    const parked = await begun(database());
    await database().records.commit(parked, forward(parked.view, park(3_600_000)));
    const late = await begun(database());
    await database().records.commit(late, forward(late.view, park(0)));
    await begun(database());
    const ended = await begun(database());
    await database().records.commit(ended, forward(ended.view, END));
    await accepted(database(), newRecord());
    const { longestOverdueMs, ...counts } = await database().countPhases();
    assert.deepEqual(counts, { waitingNode: 0, parked: 2, queued: 1, running: 1, overdue: 1 });
    assert.ok(longestOverdueMs >= 0 && longestOverdueMs < 60_000, String(longestOverdueMs));
  });

  it("orders ids by their bytes, not as a language would", async () => {
    for (const id of ["dep_a", "dep_B", "dep_0"]) await accepted(database(), newRecord({ id }));
    const views = await database().records.list({ kind: "deployment", limit: 10 });
    assert.deepEqual(
      views.map(({ id }) => id),
      ["dep_a", "dep_B", "dep_0"],
    );
    assert.equal(
      (await database().records.list({ kind: "deployment", limit: 10, before: "dep_a" })).length,
      2,
    );
  });

  it("follows all events in one order", async () => {
    const { records } = database();
    assert.equal(await records.lastPosition(), 0);
    const claim = await begun(database());
    const before = await records.lastPosition();
    await accepted(database(), newRecord({ id: "dep_other" }));
    await records.commit(claim, forward(claim.view, GO_ON, { messages: ["a", "b"] }));
    const events = await records.eventsSince(before, 10);
    const seen = events.map(({ id, event }) => `${id} ${event.seq}`);
    assert.deepEqual(seen, ["dep_other 1", `${claim.id} 2`, `${claim.id} 3`]);
    assert.equal(await records.lastPosition(), events.at(-1)?.position);
    assert.deepEqual(await records.eventsSince(before, 1), events.slice(0, 1));
  });

  it("shows a late success, on a finished record only", async () => {
    const { records } = database();
    const claim = await begun(database());
    const late = () => records.appendLate(claim.id, { type: "late-success" });
    const isEarly = (error: unknown) => error instanceof DatabaseError && error.code === "record-unfinished";
    await assert.rejects(late(), isEarly);
    await records.commit(claim, forward(claim.view, END));
    await late();
    const view = await records.get(claim.id);
    const [event] = await records.events(claim.id, 2, 10);
    assert.equal(event?.type, "late-success");
    assert.equal(view?.version, 3);
    assert.equal(view.lateSuccessAt, event.at);
  });
}
