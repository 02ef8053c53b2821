import assert from "node:assert/strict";
import { needPostgres, type PostgresServer, startPostgres } from "../postgres/server.ts";
import { choosePoints, LANES, LIMIT_MS, REDIS_SILENCE_MS } from "./bounds.ts";
import { type Crew, openCrew } from "./crew.ts";
import type { Moment, Order } from "./deaths.ts";
import { chooseHolds, holdRound } from "./holds.ts";
import { pause, type Verdict } from "./house.ts";
import { type Lanes, openLanes } from "./lanes.ts";
import { ALL_MOMENTS, assertHarm, countMoments, hasStopped, MOMENTS } from "./moments.ts";
import { note } from "./report.ts";
import type { Server } from "./server.ts";

/** Longer than a stopped worker needs to do what it must not. */
const AFTERMATH_MS = 1_000;
/** In the process with the API and the discs, which sends nothing to a BMC. */
const COMMITS: readonly Moment[] = ["before-commit", "after-commit"];

const NOBODY = "nobody (PostgreSQL)";
const FRONT = "API and discs killed";
const VICTIMS = { SIGKILL: "worker killed", SIGSTOP: "worker stopped", SIGTERM: "worker told to end" };

describe("two workers on PostgreSQL", function () {
  this.timeout(LIMIT_MS);
  let postgres: PostgresServer | undefined;
  let lanes: Lanes<Crew> | undefined;
  const counts = { worker: new Map<Moment, number>(), front: new Map<Moment, number>() };
  let requests = 0;
  before(async function () {
    needPostgres(this);
    const server = await startPostgres();
    postgres = server;
    let databases = 0;
    const open = async () => openCrew(await server.createDatabase(`crew_${(databases += 1)}`));
    lanes = await openLanes(LANES.crews, open);
    await spread(ALL_MOMENTS, (crew, moment) => count(crew, crew.workers[0], moment, counts.worker));
    await spread(COMMITS, (crew, moment) => count(crew, crew.front, moment, counts.front));
  });
  after(async () => {
    await lanes?.stop();
    await postgres?.remove();
  });

  const spread = <P, R>(points: readonly P[], run: (crew: Crew, point: P) => Promise<R>) =>
    lanes!.spread(points, run);
  /** Likewise, where each round tells whether anybody came to harm in it. */
  const harm = async <P>(points: readonly P[], run: (crew: Crew, point: P) => Promise<boolean>) =>
    assertHarm(await spread(points, run));

  for (const moment of ALL_MOMENTS)
    it(`of which one is killed ${MOMENTS[moment]} lose nothing and do nothing twice`, () =>
      harm(choosePoints(counts.worker.get(moment)!, 3), async (crew, nth) => {
        const [worker] = crew.workers;
        const { verdicts } = await begin(crew, worker, { moment, nth, signal: "SIGKILL" });
        await Promise.race([worker.death, verdicts]);
        const ended = await verdicts;
        await worker.disarm();
        tell(crew, worker.isDead ? "worker killed" : NOBODY, worker.isDead ? MOMENTS[moment] : "", ended);
        await crew.revive();
        return worker.isDead;
      }));

  // One that sleeps just before it sends cannot be kept from sending: a BMC cannot be fenced.
  for (const moment of ALL_MOMENTS.slice(1))
    it(`of which one sleeps ${MOMENTS[moment]} until the other has done its work do nothing twice`, () =>
      harm(choosePoints(counts.worker.get(moment)!, 3), async (crew, nth) => {
        const [worker] = crew.workers;
        const { verdicts } = await begin(crew, worker, { moment, nth, signal: "SIGSTOP" });
        const hasSlept = await hasStopped(worker, verdicts);
        const ended = await verdicts;
        await wakeUp(crew);
        tell(crew, hasSlept ? "worker stopped" : NOBODY, hasSlept ? MOMENTS[moment] : "", ended);
        return hasSlept;
      }));

  for (const signal of ["SIGKILL", "SIGSTOP", "SIGTERM"] as const)
    it(`of which one has a ${signal} while BMCs have a request, done or lost, do nothing twice`, () =>
      harm(chooseHolds(["acted", "lost"], 6, requests), async (crew, point) => {
        const [worker] = crew.workers;
        const round = await holdRound(crew.house, ["acted", "lost"], point);
        worker.signal(signal);
        if (signal !== "SIGSTOP") await worker.death;
        round.release();
        const ended = await Promise.all(round.runs);
        if (signal === "SIGSTOP") await wakeUp(crew);
        tell(crew, VICTIMS[signal], round.moments, ended);
        await crew.revive();
        return round.isAnyHeld;
      }));

  it("lose nothing when the Redis is killed and comes back empty", () =>
    harm(chooseHolds(["acted"], 3, requests), async (crew, point) => {
      const round = await holdRound(crew.house, ["acted"], point);
      await crew.redis.kill();
      round.release();
      await crew.redis.start();
      tell(crew, "Redis killed (PostgreSQL)", round.moments, await Promise.all(round.runs));
      return round.isAnyHeld;
    }));

  it("lose nothing when the Redis is away for long and comes back empty", () =>
    harm([{ match: "", nth: 8, shift: 0 }], async (crew, point) => {
      const round = await holdRound(crew.house, ["acted"], point);
      await crew.redis.kill();
      round.release();
      await pause(REDIS_SILENCE_MS);
      await crew.redis.start();
      tell(crew, "Redis away, then empty (PostgreSQL)", round.moments, await Promise.all(round.runs));
      return round.isAnyHeld;
    }));

  for (const moment of COMMITS)
    it(`lose nothing when the process with the API and the discs is killed ${MOMENTS[moment]}`, () =>
      harm(choosePoints(counts.front.get(moment)!, 3), async (crew, nth) => {
        const { front } = crew;
        const { verdicts } = await begin(crew, front, { moment, nth, signal: "SIGKILL" });
        await Promise.race([front.death, verdicts]);
        await front.disarm();
        await crew.revive();
        tell(crew, front.isDead ? FRONT : NOBODY, front.isDead ? MOMENTS[moment] : "", await verdicts);
        return front.isDead;
      }));

  it("lose nothing when the process with the API and the discs is killed while BMCs have a request", () =>
    harm(chooseHolds(["acted", "lost"], 6, requests), async (crew, point) => {
      const round = await holdRound(crew.house, ["acted", "lost"], point);
      crew.front.signal("SIGKILL");
      await crew.front.death;
      round.release();
      await crew.revive();
      tell(crew, FRONT, round.moments, await Promise.all(round.runs));
      return round.isAnyHeld;
    }));

  async function count(crew: Crew, server: Server, moment: Moment, into: Map<Moment, number>) {
    const quiet = await countMoments(crew.house, server, moment);
    tell(crew, NOBODY, "", quiet.verdicts);
    into.set(moment, quiet.count);
    requests = Math.max(requests, quiet.requests);
  }
});

/** In an object, since what is waited for here is that they have begun. */
async function begin(crew: Crew, victim: Server, order: Order): Promise<{ verdicts: Promise<Verdict[]> }> {
  await crew.house.tidy();
  await victim.arm(order);
  return { verdicts: Promise.all(crew.house.deployAll()) };
}

/** Lets the first worker go on, and sees that it does nothing more to any machine. */
async function wakeUp(crew: Crew): Promise<void> {
  const [worker] = crew.workers;
  const deeds = () => crew.house.bmcs.map(({ bmc }) => bmc.actions.length);
  const before = deeds();
  await worker.disarm();
  await pause(AFTERMATH_MS);
  assert.deepEqual(deeds(), before, "the one that slept did something to a machine");
  assert.equal(worker.isDead, false);
}

function tell(crew: Crew, victim: string, moment: string | readonly string[], verdicts: Verdict[]): void {
  note(victim, moment, verdicts, () => [crew.front, ...crew.workers].map((one) => one.said()).join("\n"));
}
