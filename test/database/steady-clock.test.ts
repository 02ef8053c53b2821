import assert from "node:assert/strict";
import { createSteadyClock } from "../../src/database/sqlite/steady-clock.ts";

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

describe("the clock of a database without one", () => {
  let wallMs: number;
  let steadyMs: number;
  let told: number[];
  let clock: () => number;
  beforeEach(() => {
    [wallMs, steadyMs, told] = [START_MS, 5, []];
    clock = createSteadyClock({
      wall: () => wallMs,
      steady: () => steadyMs,
      onSet: (byMs) => told.push(byMs),
    });
  });

  /** Time passes, and the clock is looked at as often as the scheduler does. */
  function pass(ms: number): void {
    for (let left = ms; left > 0; left -= 250) {
      const some = Math.min(left, 250);
      wallMs += some;
      steadyMs += some;
      const before = clock();
      assert.ok(clock() >= before, "it went back");
    }
  }

  it("shows what the machine's does, and follows its drift", () => {
    for (let second = 0; second < 600; second += 1) {
      pass(1_000);
      wallMs += 0.5;
    }
    assert.equal(clock(), Math.floor(wallMs - 0.5));
    assert.deepEqual(told, []);
  });

  for (const [way, byMs] of [
    ["ahead", 3 * HOUR_MS],
    ["back", -3 * HOUR_MS],
  ] as const)
    it(`lets a limit of an hour be one when the machine's is set ${way} by three, and says so once`, () => {
      pass(1_000);
      const before = clock();
      wallMs += byMs;
      assert.equal(clock(), before);
      pass(HOUR_MS);
      assert.equal(clock() - before, Math.round(HOUR_MS * (byMs > 0 ? 1.1 : 0.9)));
      assert.deepEqual(told, [byMs]);
      pass(30 * HOUR_MS);
      assert.equal(clock(), wallMs);
      wallMs += byMs;
      clock();
      assert.deepEqual(told, [byMs, byMs]);
    });

  it("goes on while nobody looks, as while the process is stopped", () => {
    wallMs += HOUR_MS;
    steadyMs += HOUR_MS;
    assert.equal(clock(), START_MS + HOUR_MS);
  });
});
