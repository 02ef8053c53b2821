import assert from "node:assert/strict";
import {
  hasBootedFromDisc,
  isBackAtDisc,
  isCopied,
  isSilentAfterBoot,
} from "../../src/deploy/steps/sight.ts";
import { type DiscReads, NOTHING_READ } from "../../src/images/index.ts";

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const reads = (changes: Partial<DiscReads>): DiscReads => ({
  ...NOTHING_READ,
  firstReadAt: at(1),
  lastReadAt: at(1),
  totalBytes: 1,
  blocksCovered: 1,
  blocks: 10,
  ...changes,
});
const POWER_ON = 10_000;

describe("sight of a disc's reader", () => {
  it("takes only reads after power-on for the boot's", () => {
    assert.ok(hasBootedFromDisc(reads({ bootImageReadAt: at(11), beyondReadAt: at(12) }), POWER_ON));
    assert.ok(!hasBootedFromDisc(reads({ bootImageReadAt: at(9), beyondReadAt: at(12) }), POWER_ON));
    assert.ok(!hasBootedFromDisc(reads({ bootImageReadAt: at(11), beyondReadAt: at(9) }), POWER_ON));
    assert.ok(!hasBootedFromDisc(undefined, POWER_ON));
  });

  it("knows a disc that the BMC copied whole before power-on", () => {
    assert.ok(isCopied(reads({ blocksCovered: 10, lastReadAt: at(9) }), POWER_ON));
    assert.ok(!isCopied(reads({ blocksCovered: 9, lastReadAt: at(9) }), POWER_ON));
    assert.ok(!isCopied(reads({ blocksCovered: 10, lastReadAt: at(11) }), POWER_ON));
  });

  describe("that boots again", () => {
    const boot = (second: number, silentBeforeMs: number) => ({
      catalogueAt: at(second),
      imageAt: at(second),
      silentBeforeMs,
      isRepeat: true as const,
    });
    const back = (bootReads: DiscReads["bootReads"], wentOffMs?: number) =>
      isBackAtDisc(reads({ bootReads }), POWER_ON, { silenceMs: 30_000, wentOffMs });

    it("is back after a long silence", () => assert.ok(back([boot(11, 0), boot(100, 60_000)])));
    it("is back after it was seen off", () => assert.ok(back([boot(11, 0), boot(20, 3_000)], 15_000)));
    it("is not back when the firmware looks twice", () => assert.ok(!back([boot(11, 0), boot(20, 3_000)])));
    it("is not back when a guest mounts its disc again", () => {
      const { isRepeat: _not, ...mount } = boot(100, 60_000);
      assert.ok(!back([boot(11, 0), mount]));
    });
    it("is not back by its first boot", () => assert.ok(!back([boot(100, 90_000)])));
    it("is not back by boots before power-on", () => assert.ok(!back([boot(1, 0), boot(100, 60_000)])));
  });

  it("runs from memory once it has been silent after its boot", () => {
    const read = reads({ bootImageReadAt: at(11), beyondReadAt: at(12), lastReadAt: at(12) });
    assert.ok(isSilentAfterBoot(read, POWER_ON, 80_000, 60_000));
    assert.ok(!isSilentAfterBoot(read, POWER_ON, 60_000, 60_000));
  });
});
