import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createPace, type PaceParts } from "../../src/jobs/pace.ts";
import { until } from "../until.ts";

describe("the pace of looks", () => {
  /** Begins as many looks as there is room for, whenever there is. */
  function fill(parts: PaceParts) {
    const pace = createPace({ everyMs: 5, ...parts });
    let live = 0;
    let most = 0;
    let isOver = false;
    const filling = (async () => {
      while (!isOver) {
        await pace.room();
        if (isOver) return;
        pace.begin();
        live += 1;
        most = Math.max(most, live);
      }
    })();
    return {
      pace,
      live: () => live,
      most: () => most,
      async end() {
        isOver = true;
        for (; live > 0; live -= 1) pace.end();
        await filling;
      },
    };
  }

  it("lets hundreds wait for their BMCs at once, while that costs nothing", async () => {
    const looks = fill({ most: 300, busyShare: () => 0.1 });

    await until(() => looks.live() === 300, "all had room");

    await sleep(30);
    assert.equal(looks.most(), 300);
    await looks.end();
  });

  it("takes no more than keep the thread at work, once it is", async () => {
    const looks = fill({ most: 300, busyShare: () => 0.9, everyMs: 60_000 });

    await sleep(50);

    assert.equal(looks.most(), 12);
    await looks.end();
  });

  it("lets one more begin now and then while all that are under way only wait", async () => {
    const looks = fill({ most: 300, busyShare: () => 0.9 });

    await until(() => looks.live() > 20, "more have begun");

    assert.equal(looks.pace.limit, 12);
    await looks.end();
  });

  it("takes back what it gave when the thread becomes busy, and begins anew after a calm", async () => {
    let share = 0.1;
    const looks = fill({ most: 300, busyShare: () => share });
    await until(() => looks.live() > 100, "there was room for many");

    share = 0.9;
    await until(() => looks.pace.limit === 12, "it took all back");

    share = 0.1;
    await looks.end();
    assert.equal(looks.pace.limit, 12);
  });

  it("never gives more than what was asked for", async () => {
    const looks = fill({ most: 1, busyShare: () => 0 });

    await sleep(100);

    assert.equal(looks.most(), 1);
    await looks.end();
  });
});
