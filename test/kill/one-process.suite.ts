import assert from "node:assert/strict";
import { choosePoints, LIMIT_MS } from "./bounds.ts";
import type { Moment } from "./deaths.ts";
import { type Inhabitant, pause, type Verdict } from "./house.ts";
import { type Keeper, openKeeper, QUICK } from "./keeper.ts";
import { createTable } from "./table.ts";

describe("one process on SQLite", function () {
  this.timeout(LIMIT_MS);
  const table = createTable();
  let keeper: Keeper;
  beforeEach(async () => {
    keeper = await openKeeper();
  });
  afterEach(() => keeper.stop());
  after(() => console.log(`\n${table.print()}\n`));

  const moments: [Moment, string][] = [
    ["before-request", "before a request is sent"],
    ["after-answer", "after an answer and before anything is made of it"],
    ["before-commit", "before a commit"],
    ["after-commit", "after a commit"],
  ];
  for (const [moment, when] of moments)
    it(`that is killed ${when} loses nothing and does nothing twice`, async () => {
      const count = await countMoments(keeper, moment);
      for (const nth of choosePoints(count, 8)) {
        await keeper.house.tidy();
        await keeper.server.arm({ moment, nth, signal: "SIGKILL" });
        const verdicts = Promise.all(keeper.house.deployAll(`${nth}`));
        await Promise.race([keeper.server.death, verdicts]);
        if (keeper.server.isDead) await keeper.restart();
        note("process killed", moment, await verdicts);
      }
    });

  it("that sleeps longer than its lease before a commit, and after it, goes on", async () => {
    for (const moment of ["before-commit", "after-commit"] as const) {
      const count = await countMoments(keeper, moment);
      for (const nth of choosePoints(count, 4)) {
        await keeper.house.tidy();
        await keeper.server.arm({ moment, nth, signal: "SIGSTOP" });
        const verdicts = Promise.all(keeper.house.deployAll(`${moment}-${nth}`));
        await Promise.race([keeper.server.stopped(), verdicts]);
        await pause(QUICK.leaseMs + 500);
        keeper.server.signal("SIGCONT");
        note("process stopped", moment, await verdicts);
      }
    }
  });

  for (const fate of ["acted", "lost", "acted late"] as const)
    it(`that is killed while BMCs have a request, which is ${fate}, loses nothing and does nothing twice`, async () => {
      for (const nth of choosePoints(36, 6)) {
        await keeper.house.tidy();
        for (const { bmc } of keeper.house.bmcs)
          bmc.hold("", fate === "acted" ? "after-acting" : "before-acting", nth - 1);
        const runs = keeper.house.deployAll(`${nth}`);
        await allHeldOrOver(keeper.house.bmcs, runs);
        keeper.server.signal("SIGKILL");
        await keeper.server.death;
        if (fate !== "acted late") letGo(keeper.house.bmcs, fate);
        await keeper.restart();
        letGo(keeper.house.bmcs, fate);
        note("process killed", `request ${fate}`, await Promise.all(runs));
      }
    });

  function note(victim: string, moment: string, verdicts: Verdict[]): void {
    table.add(victim, moment, verdicts);
    for (const { trouble, ...verdict } of verdicts)
      assert.ok(trouble === null, `${JSON.stringify(verdict)}\n${trouble}\n${keeper.server.said()}`);
  }
});

/** How many of these moments one round of deployments has. */
async function countMoments(keeper: Keeper, moment: Moment): Promise<number> {
  await keeper.house.tidy();
  await keeper.server.arm({ moment, nth: Number.POSITIVE_INFINITY, signal: "SIGKILL" });
  for (const { trouble } of await Promise.all(keeper.house.deployAll("counted")))
    assert.ok(trouble === null, String(trouble));
  return keeper.server.arm(null);
}

/** Every machine has a request that waits, or needs no more. */
async function allHeldOrOver(bmcs: readonly Inhabitant[], runs: Promise<Verdict>[]): Promise<void> {
  await Promise.all(bmcs.map(({ bmc }, index) => Promise.race([bmc.whenHeld(), runs[index]])));
}

function letGo(bmcs: readonly Inhabitant[], fate: "acted" | "lost" | "acted late"): void {
  for (const { bmc } of bmcs) {
    if (fate === "lost") bmc.drop();
    else bmc.release();
  }
}
