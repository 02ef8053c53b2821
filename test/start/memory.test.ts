import assert from "node:assert/strict";
import sinon from "sinon";
import { createCollector, type MemoryReturn, startMemoryReturn } from "../../src/start/memory.ts";

const EVERY_MS = 10_000;

describe("the return of memory", () => {
  let clock: sinon.SinonFakeTimers;
  let cpuSeconds: number;
  let collected: number;
  let memory: MemoryReturn;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    cpuSeconds = 0;
    collected = 0;
    const collect = () => void (collected += 1);
    memory = startMemoryReturn({ cpuSeconds: () => cpuSeconds, collect, everyMs: EVERY_MS });
  });
  afterEach(() => {
    memory.stop();
    clock.restore();
  });

  /** So many seconds of work in one interval. */
  const work = (seconds: number) => {
    cpuSeconds += seconds;
    clock.tick(EVERY_MS);
  };

  it("comes in the first calm behind a rush, and once more when its traces are forgotten", () => {
    work(8);
    work(8);
    assert.equal(collected, 0);
    work(0.2);
    work(0.2);
    assert.equal(collected, 1);
    for (let times = 0; times < 20; times += 1) work(0.2);
    assert.equal(collected, 2);
    work(8);
    work(0);
    assert.equal(collected, 3);
  });

  it("never comes where there was no rush, nor while there is work", () => {
    for (let times = 0; times < 10; times += 1) work(0.5);
    work(8);
    for (let times = 0; times < 10; times += 1) work(2);
    assert.equal(collected, 0);
  });

  it("gives pages back, though Node was not started with a collector for all to use", () => {
    let rush: object[] | undefined = Array.from({ length: 500_000 }, (_, index) => ({ index }));
    const full = process.memoryUsage().heapTotal;
    assert.equal(rush.length, 500_000);
    rush = undefined;
    createCollector()();
    assert.ok(process.memoryUsage().heapTotal < full - 10e6);
  });
});
