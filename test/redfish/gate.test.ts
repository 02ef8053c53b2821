import assert from "node:assert/strict";
import { RedfishError, type RedfishErrorCode } from "../../src/redfish/errors.ts";
import { createGate } from "../../src/redfish/gate.ts";
import { createMemoryPorts } from "../../src/redfish/ports.ts";
import { fails } from "./fixture.ts";

const ORIGIN = "https://10.0.7.21";

/** A gate with a clock that a test moves, and its ports. */
function gateWith({ limit = 4, breaker = createMemoryPorts().breaker } = {}) {
  const clock = { at: Date.parse("2026-01-01T00:00:00Z") };
  const gate = createGate({ origin: ORIGIN, limit, breaker, now: () => clock.at });
  /** One request with this outcome. */
  const request = async (code?: RedfishErrorCode) => {
    const leave = await gate.enter(false);
    await leave(code === undefined ? undefined : new RedfishError(code, { code, retryable: true }));
  };
  const failTimes = async (times: number) => {
    for (let time = 0; time < times; time += 1) await request("bmc-unreachable");
  };
  return { gate, clock, request, failTimes };
}

describe("gate", () => {
  it("lets requests in, in order, as its budget allows", async () => {
    const { gate } = gateWith({ limit: 1 });
    const leave = await gate.enter(false);
    let isIn = false;
    const second = gate.enter(false).then((next) => ((isIn = true), next));
    await Promise.resolve();
    assert.equal(isIn, false);
    await leave();
    await (await second)();
    await (await gate.enter(false))();
  });

  it("leaves a way through to quick requests, however many slow ones there are", async () => {
    const { gate } = gateWith({ limit: 2 });
    const leaveSlow = await gate.enter(true);
    let isIn = false;
    const secondSlow = gate.enter(true).then((leave) => ((isIn = true), leave));
    await new Promise(setImmediate);
    assert.equal(isIn, false);
    await (await gate.enter(false))();
    await leaveSlow();
    await (await secondSlow)();
  });

  it("lets slow requests in one by one where there is one place", async () => {
    const { gate } = gateWith({ limit: 1 });
    await (await gate.enter(true))();
    await (await gate.enter(true))();
  });

  it("refuses at once after five failures in a row, saying since when and until when", async () => {
    const { clock, request, failTimes } = gateWith();
    await failTimes(1);
    clock.at += 1_000;
    await failTimes(4);
    const error = await fails(request(), "bmc-unreachable");
    assert.match(error.message, /since 2026-01-01T00:00:00\.000Z.*next try is at 2026-01-01T00:00:06/);
    assert.ok(error.retryable && error.wasHeldBack && !error.mayHaveActed);
    assert.equal(error.retryAfterMs, 5_000);
  });

  it("counts a timed-out answer neither way, and any answer as being reached", async () => {
    const { request, failTimes } = gateWith();
    await failTimes(4);
    await request("bmc-timed-out");
    await request("bmc-access-denied");
    await failTimes(4);
    await request();
    await failTimes(4);
    await request();
  });

  it("rests ever longer, to a minute, and lets one request try after each rest", async () => {
    const { clock, request, failTimes } = gateWith();
    await failTimes(5);
    const rests: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const { retryAfterMs } = await fails(request(), "bmc-unreachable");
      rests.push(retryAfterMs!);
      clock.at += retryAfterMs!;
      await failTimes(1);
    }
    assert.deepEqual(rests, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it("lets no second request try while the first does", async () => {
    const { gate, clock, request, failTimes } = gateWith();
    await failTimes(5);
    clock.at += 5_000;
    const leave = await gate.enter(false);
    await fails(request(), "bmc-unreachable");
    await leave();
    await request();
  });

  it("gives its place in the budget back when it refuses whoever waited for it", async () => {
    const { gate, clock, request, failTimes } = gateWith({ limit: 1 });
    const leave = await gate.enter(false);
    const waiting = request();
    await leave(new RedfishError("cut off", { code: "bmc-unreachable", retryable: true }));
    await waiting;
    await failTimes(5);
    clock.at += 5_000;
    const probe = await gate.enter(false);
    await probe();
    await request();
  });

  it("tries again at once when somebody has said so in another process", async () => {
    const { breaker } = createMemoryPorts();
    const { request, failTimes } = gateWith({ breaker });
    await failTimes(5);
    await fails(request(), "bmc-unreachable");
    await breaker.delete(ORIGIN);
    await request();
  });

  it("tells other processes, which ask once, and forgets by a reset", async () => {
    const { breaker } = createMemoryPorts();
    await gateWith({ breaker }).failTimes(5);
    const other = gateWith({ breaker });
    await fails(other.request(), "bmc-unreachable");
    await other.gate.reset();
    await other.request();
    assert.equal(await breaker.get(ORIGIN), undefined);
  });
});
