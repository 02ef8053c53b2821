import { choosePoints, LANES, LIMIT_MS, REDIS_SILENCE_MS } from "./bounds.ts";
import type { Moment, Order } from "./deaths.ts";
import { chooseHolds, type HoldPoint, holdRound } from "./holds.ts";
import { pause, type Verdict } from "./house.ts";
import { type Keeper, openKeeper, QUICK } from "./keeper.ts";
import { type Lanes, openLanes } from "./lanes.ts";
import { ALL_MOMENTS, assertHarm, countMoments, hasStopped, MOMENTS } from "./moments.ts";
import { note } from "./report.ts";

/** From the insert, whose answer is lost, to the Reset, which is not received. */
const BETWEEN_INSERT_AND_RESET: readonly HoldPoint[] = [
  { match: "InsertMedia", nth: 1, shift: 0 },
  // Of those that insert by a task, which is known and not yet over.
  { match: "TaskMonitors", nth: 1, shift: 0 },
  { match: "PATCH", nth: 1, shift: 0 },
  { match: "PATCH", nth: 1, shift: 1 },
  { match: "Reset", nth: 1, shift: 1 },
];

const NOBODY = "nobody (SQLite)";
const VICTIMS = { SIGKILL: "process killed", SIGTERM: "process told to end" };

describe("one process on SQLite", function () {
  this.timeout(LIMIT_MS);
  let lanes: Lanes<Keeper>;
  const counts = new Map<Moment, number>();
  let requests = 0;
  before(async () => {
    lanes = await openLanes(LANES.keepers, openKeeper);
    await lanes.spread(ALL_MOMENTS, async (keeper, moment) => {
      const quiet = await countMoments(keeper.house, keeper.server, moment);
      tell(keeper, NOBODY, "", quiet.verdicts);
      counts.set(moment, quiet.count);
      requests = Math.max(requests, quiet.requests);
    });
  });
  after(() => lanes?.stop());

  async function endAt(moment: Moment, some: number, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const ends = await lanes.spread(choosePoints(counts.get(moment)!, some), async (keeper, nth) => {
      const { verdicts } = await begin(keeper, { moment, nth, signal });
      await Promise.race([keeper.server.death, verdicts]);
      // All may be over before the end of one that was told so.
      if ((await keeper.server.disarm()) >= nth) await keeper.server.death;
      const hasEnded = keeper.server.isDead;
      if (hasEnded) await keeper.restart();
      const [who, when] = hasEnded ? [VICTIMS[signal], MOMENTS[moment]] : [NOBODY, ""];
      tell(keeper, who, when, await verdicts);
      return hasEnded;
    });
    assertHarm(ends);
  }

  for (const moment of ALL_MOMENTS)
    it(`that is killed ${MOMENTS[moment]} loses nothing and does nothing twice`, () =>
      endAt(moment, 5, "SIGKILL"));

  for (const moment of ALL_MOMENTS)
    it(`that sleeps longer than its lease ${MOMENTS[moment]} goes on`, async () => {
      const sleeps = await lanes.spread(choosePoints(counts.get(moment)!, 3), async (keeper, nth) => {
        const { verdicts } = await begin(keeper, { moment, nth, signal: "SIGSTOP" });
        const hasSlept = await hasStopped(keeper.server, verdicts);
        await pause(QUICK.leaseMs + 500);
        await keeper.server.disarm();
        const [victim, when] = hasSlept ? ["process stopped", MOMENTS[moment]] : [NOBODY, ""];
        tell(keeper, victim, when, await verdicts);
        return hasSlept;
      });
      assertHarm(sleeps);
    });

  for (const moment of ALL_MOMENTS)
    it(`that is told to end ${MOMENTS[moment]} loses nothing and does nothing twice`, () =>
      endAt(moment, 3, "SIGTERM"));

  async function endWhileHeld(
    points: readonly HoldPoint[],
    signal: "SIGKILL" | "SIGTERM" = "SIGKILL",
  ): Promise<void> {
    const held = await lanes.spread(points, async (keeper, point) => {
      const round = await holdRound(keeper.house, ["acted", "lost", "acts late"], point);
      keeper.server.signal(signal);
      await keeper.server.death;
      round.release();
      await keeper.restart();
      round.releaseLate();
      tell(keeper, VICTIMS[signal], round.moments, await Promise.all(round.runs));
      return round.isAnyHeld;
    });
    assertHarm(held);
  }

  it("that is killed while BMCs have a request, done, lost or yet to be done, does nothing twice", () =>
    endWhileHeld(chooseHolds(["acted", "lost", "acts late"], 6, requests)));

  it("that is killed between insert and Reset switches each machine on exactly once", () =>
    endWhileHeld(BETWEEN_INSERT_AND_RESET));

  it("that is told to end, and does not wait until BMCs answer what they have, does nothing twice", () =>
    endWhileHeld(chooseHolds(["acted", "lost", "acts late"], 6, requests), "SIGTERM"));

  it("whose Redis is killed and comes back empty loses nothing", async () => {
    const held = await lanes.spread(chooseHolds(["acted"], 5, requests), async (keeper, point) => {
      const round = await holdRound(keeper.house, ["acted"], point);
      await keeper.killRedis();
      round.release();
      tell(keeper, "Redis killed (SQLite)", round.moments, await Promise.all(round.runs));
      return round.isAnyHeld;
    });
    assertHarm(held);
  });

  it("whose Redis is silent for long and then comes back empty loses nothing", async () => {
    const held = await lanes.spread([{ match: "", nth: 8, shift: 0 }], async (keeper, point) => {
      const round = await holdRound(keeper.house, ["acted"], point);
      await keeper.stopRedis();
      round.release();
      await pause(REDIS_SILENCE_MS);
      await keeper.killRedis();
      tell(keeper, "Redis silent, then empty (SQLite)", round.moments, await Promise.all(round.runs));
      return round.isAnyHeld;
    });
    assertHarm(held);
  });
});

/** In an object, since what is waited for here is that they have begun. */
async function begin(keeper: Keeper, order: Order): Promise<{ verdicts: Promise<Verdict[]> }> {
  await keeper.house.tidy();
  await keeper.server.arm(order);
  return { verdicts: Promise.all(keeper.house.deployAll()) };
}

function tell(keeper: Keeper, victim: string, moment: string | readonly string[], verdicts: Verdict[]): void {
  note(victim, moment, verdicts, () => keeper.server.said());
}
