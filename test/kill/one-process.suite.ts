import assert from "node:assert/strict";
import { choosePoints, LIMIT_MS, REDIS_SILENCE_MS } from "./bounds.ts";
import type { Moment } from "./deaths.ts";
import { chooseHolds, holdRound } from "./holds.ts";
import { pause, type Verdict } from "./house.ts";
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
    ["after-announcing", "after it announced a change"],
  ];
  for (const [moment, when] of moments)
    it(`that is killed ${when} loses nothing and does nothing twice`, async () => {
      const count = await countMoments(keeper, moment);
      for (const nth of choosePoints(count, 5)) {
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
      for (const nth of choosePoints(count, 2)) {
        await keeper.house.tidy();
        await keeper.server.arm({ moment, nth, signal: "SIGSTOP" });
        const verdicts = Promise.all(keeper.house.deployAll(`${moment}-${nth}`));
        await Promise.race([keeper.server.stopped(), verdicts]);
        await pause(QUICK.leaseMs + 500);
        await keeper.server.disarm();
        note("process stopped", moment, await verdicts);
      }
    }
  });

  it("that is killed while BMCs have a request, done, lost or yet to be done, does nothing twice", async () => {
    for (const point of chooseHolds(["acted", "lost", "acts late"], 6)) {
      const round = await holdRound(keeper.house, ["acted", "lost", "acts late"], point);
      keeper.server.signal("SIGKILL");
      await keeper.server.death;
      round.release();
      await keeper.restart();
      round.releaseLate();
      noteFates("process killed", round.fates, await Promise.all(round.runs));
    }
  });

  it("whose Redis is killed and comes back empty loses nothing", async () => {
    for (const point of chooseHolds(["acted"], 3)) {
      const round = await holdRound(keeper.house, ["acted"], point);
      await keeper.killRedis();
      round.release();
      noteFates("redis killed", round.fates, await Promise.all(round.runs));
    }
  });

  it("whose Redis is silent for long and then comes back empty loses nothing", async () => {
    const round = await holdRound(keeper.house, ["acted"], { match: "", nth: 12, shift: 0 });
    await keeper.stopRedis();
    round.release();
    await pause(REDIS_SILENCE_MS);
    await keeper.killRedis();
    noteFates("redis silent", round.fates, await Promise.all(round.runs));
  });

  function noteFates(victim: string, fates: readonly string[], verdicts: Verdict[]): void {
    for (const [index, verdict] of verdicts.entries()) note(victim, `request ${fates[index]}`, [verdict]);
  }

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
  return keeper.server.disarm();
}
