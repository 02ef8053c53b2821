import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { ExposedCallback, ExposedDisc } from "../../src/deploy/index.ts";
import { rememberDiscs } from "../../src/provision/known-discs.ts";

const DISC = { kind: "disc", recordId: "dep_1" } as ExposedDisc;
const CALLBACK = { kind: "callback", recordId: "dep_1" } as ExposedCallback;

function start(found: ExposedDisc | ExposedCallback | undefined, knownMs = 600_000) {
  let asked = 0;
  const exposures = {
    async find() {
      asked += 1;
      return found;
    },
  };
  const { find } = rememberDiscs(exposures, knownMs);
  return { find: () => find("hash"), asked: () => asked };
}

describe("discs that are read", () => {
  it("are asked for once in a moment, also by readers at the same time", async () => {
    const { find, asked } = start(DISC);
    assert.deepEqual(await Promise.all([find(), find()]), [DISC, DISC]);
    assert.equal(await find(), DISC);
    assert.equal(asked(), 1);
  });

  it("are asked for again after it", async () => {
    const { find, asked } = start(DISC, 5);
    await find();
    await delay(10);
    await find();
    assert.equal(asked(), 2);
  });

  it("are no excuse to remember call-backs, or what is not there", async () => {
    for (const other of [CALLBACK, undefined]) {
      const { find, asked } = start(other);
      await find();
      await find();
      assert.equal(asked(), 2);
    }
  });
});
