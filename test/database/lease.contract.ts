import assert from "node:assert/strict";
import { createLease } from "../../src/database/bmcs/lease.ts";
import type { Sql } from "../../src/database/sql.ts";
import type { Lease } from "../../src/redfish/index.ts";
import { until } from "../until.ts";
import { pass } from "./fixture.ts";

/** `open` gives an empty database twice, as two processes have it where it can be had twice. */
export function leaseContract(open: () => Promise<[Sql, Sql]>): void {
  let handles: [Sql, Sql];
  beforeEach(async () => {
    handles = await open();
  });
  afterEach(() => Promise.all(handles.map((handle) => handle.close())));
  const never = 1_000_000;
  const leases = (timing: { leaseMs: number; askMs: number; renewMs?: number }) =>
    handles.map((handle) => createLease(handle, { renewMs: never, ...timing })) as [Lease, Lease];

  /** When it runs out, by the database's clock, unless it is prolonged. */
  async function endsAt(): Promise<number> {
    const held = handles[0].read.selectFrom("leases").select("until").where("name", "=", "bmc");
    return (await held.executeTakeFirstOrThrow()).until;
  }

  it("is held by one at a time, whatever becomes of the others' work", async () => {
    const [here, there] = leases({ leaseMs: 10_000, askMs: 20 });
    let holders = 0;
    let most = 0;
    const work = async () => {
      holders += 1;
      most = Math.max(most, holders);
      await pass(5);
      holders -= 1;
      throw new Error("as planned");
    };
    const all = [here, there, here, there, here].map((lease) => lease.hold("bmc", work));
    const results = await Promise.allSettled(all);
    assert.deepEqual(
      results.map((result) => result.status === "rejected" && (result.reason as Error).message),
      Array.from({ length: 5 }, () => "as planned"),
    );
    assert.equal(most, 1);
  });

  it("of one BMC does not hold up another", async () => {
    const [here, there] = leases({ leaseMs: 10_000, askMs: 20 });
    const inner = await here.hold("one", () => there.hold("other", async () => "done"));
    assert.equal(inner, "done");
  });

  it("passes on at once within a process", async () => {
    const [here] = leases({ leaseMs: 60_000, askMs: 60_000 });
    const first = here.hold("bmc", () => pass(10));
    assert.equal(await here.hold("bmc", async () => "second"), "second");
    await first;
  });

  it("stays with a holder that lives, for as long as it works", async () => {
    const [here, there] = leases({ leaseMs: 60_000, renewMs: 15, askMs: 10 });
    const seen: string[] = [];
    const begun = Promise.withResolvers<number>();
    const working = here.hold("bmc", async () => {
      begun.resolve(await endsAt());
      await until(
        async () => (await endsAt()) > (await begun.promise) + 100,
        "it is prolonged again and again",
      );
      seen.push("first ended");
    });
    await begun.promise;
    await Promise.all([working, there.hold("bmc", async () => seen.push("second began"))]);
    assert.equal(seen.join(), "first ended,second began");
  });

  it("runs out under a holder that has died, and stays with its successor", async () => {
    const [, there] = leases({ leaseMs: 60_000, askMs: 10 });
    const short = createLease(handles[0], { leaseMs: 60, renewMs: never, askMs: 10 });
    const [hanging, working] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const begun = Promise.withResolvers<number>();
    const seen: string[] = [];
    const hung = short.hold("bmc", async () => {
      begun.resolve(await endsAt());
      await hanging.promise;
    });
    const firstEndsAt = await begun.promise;
    const successor = there.hold("bmc", async () => {
      assert.ok((await handles[1].now()) >= firstEndsAt, "it was taken before its time");
      seen.push("successor begins");
      await working.promise;
    });
    await until(() => seen.join() === "successor begins");
    hanging.resolve();
    await hung;
    const third = short.hold("bmc", async () => seen.push("third"));
    await pass(40);
    assert.equal(seen.join(), "successor begins", "the late release let go what was not its own");
    working.resolve();
    await Promise.all([successor, third]);
    assert.equal(seen.join(), "successor begins,third");
  });
}
