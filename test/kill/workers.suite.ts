import assert from "node:assert/strict";
import { needPostgres } from "../postgres/server.ts";
import { choosePoints, LIMIT_MS } from "./bounds.ts";
import { type Crew, openCrew } from "./crew.ts";
import type { Moment, Order } from "./deaths.ts";
import { chooseHolds, holdRound } from "./holds.ts";
import { pause, type Verdict } from "./house.ts";
import { createTable } from "./table.ts";

/** Longer than a stopped worker needs to do what it must not. */
const AFTERMATH_MS = 1_000;

describe("two workers on PostgreSQL", function () {
  this.timeout(LIMIT_MS);
  const table = createTable();
  let crew: Crew;
  before(async function () {
    needPostgres(this);
  });
  beforeEach(async () => {
    crew = await openCrew();
  });
  afterEach(() => crew?.stop());
  after(() => console.log(`\n${table.print()}\n`));

  const moments: [Moment, string][] = [
    ["before-request", "before a request is sent"],
    ["after-answer", "after an answer and before anything is made of it"],
    ["before-commit", "before a commit"],
    ["after-commit", "after a commit"],
    ["after-announcing", "after it announced a change"],
  ];
  for (const [moment, when] of moments)
    it(`of which one is killed ${when} lose nothing and do nothing twice`, async () => {
      const count = await countMoments(moment);
      for (const nth of choosePoints(count, 2)) {
        const { verdicts } = await begin(`${nth}`, { moment, nth, signal: "SIGKILL" });
        await Promise.race([crew.workers[0].death, verdicts]);
        note("worker killed", moment, await verdicts);
        await crew.workers[0].disarm();
        await crew.revive();
      }
    });

  for (const [moment, when] of moments.slice(1))
    it(`of which one sleeps ${when} until the other has done its work do nothing twice`, async () => {
      const count = await countMoments(moment);
      for (const nth of choosePoints(count, 2)) {
        const { verdicts } = await begin(`${nth}`, { moment, nth, signal: "SIGSTOP" });
        await Promise.race([crew.workers[0].stopped(), verdicts]);
        const ended = await verdicts;
        await wakeUp();
        note("worker stopped", moment, ended);
      }
    });

  for (const signal of ["SIGKILL", "SIGSTOP"] as const)
    it(`of which one has a ${signal} while BMCs have a request, done or lost, do nothing twice`, async () => {
      for (const point of chooseHolds(["acted", "lost"], signal === "SIGKILL" ? 4 : 6)) {
        const round = await holdRound(crew.house, ["acted", "lost"], point);
        crew.workers[0].signal(signal);
        if (signal === "SIGKILL") await crew.workers[0].death;
        round.release();
        const ended = await Promise.all(round.runs);
        if (signal === "SIGSTOP") await wakeUp();
        noteFates(signal === "SIGKILL" ? "worker killed" : "worker stopped", round.fates, ended);
        await crew.revive();
      }
    });

  it("lose nothing when the Redis is killed and comes back empty", async () => {
    for (const point of chooseHolds(["acted"], 2)) {
      const round = await holdRound(crew.house, ["acted"], point);
      await crew.redis.kill();
      round.release();
      await crew.redis.start();
      noteFates("redis killed", round.fates, await Promise.all(round.runs));
    }
  });

  it("lose nothing when the process with the API and the discs is killed and comes back", async () => {
    // Behind the insert: a BMC that finds nobody at the disc's address while it inserts refuses the disc for good.
    const points = [
      { match: "PATCH", nth: 1, shift: 0 },
      { match: "Reset", nth: 2, shift: 0 },
    ];
    for (const point of points) {
      const round = await holdRound(crew.house, ["acted"], point);
      crew.front.signal("SIGKILL");
      await crew.front.death;
      round.release();
      await crew.revive();
      noteFates("front killed", round.fates, await Promise.all(round.runs));
    }
  });

  /** In an object, since what is waited for here is that they have begun. */
  async function begin(round: string, order: Order): Promise<{ verdicts: Promise<Verdict[]> }> {
    await crew.house.tidy();
    await crew.workers[0].arm(order);
    return { verdicts: Promise.all(crew.house.deployAll(round)) };
  }

  /** How many of these moments the first worker has in one round of deployments. */
  async function countMoments(moment: Moment): Promise<number> {
    const { verdicts } = await begin("counted", { moment, nth: Number.POSITIVE_INFINITY, signal: "SIGKILL" });
    note("nobody", "", await verdicts);
    return crew.workers[0].disarm();
  }

  /** Lets the first worker go on, and sees that it does nothing more to any machine. */
  async function wakeUp(): Promise<void> {
    const deeds = () => crew.house.bmcs.map(({ bmc }) => bmc.actions.length);
    const before = deeds();
    await crew.workers[0].disarm();
    await pause(AFTERMATH_MS);
    assert.deepEqual(deeds(), before, "the one that slept did something to a machine");
    assert.equal(crew.workers[0].isDead, false);
  }

  function noteFates(victim: string, fates: readonly string[], verdicts: Verdict[]): void {
    for (const [index, verdict] of verdicts.entries()) note(victim, `request ${fates[index]}`, [verdict]);
  }

  function note(victim: string, moment: string, verdicts: Verdict[]): void {
    table.add(victim, moment, verdicts);
    const said = crew.workers.map((worker) => worker.said()).join("\n");
    for (const { trouble, ...verdict } of verdicts)
      assert.ok(trouble === null, `${JSON.stringify(verdict)}\n${trouble}\n${said}`);
  }
});
