import assert from "node:assert/strict";
import { longPaceOf } from "../../src/deploy/act.ts";
import { DEFAULT_TIMING } from "../../src/deploy/timing.ts";

/** Looks within an hour at something that never comes. */
function looksIn(hourMs: number, isTold: (sinceMs: number) => boolean): number {
  let looks = 0;
  for (let sinceMs = 0; sinceMs < hourMs; looks += 1)
    sinceMs += longPaceOf(DEFAULT_TIMING, sinceMs, isTold(sinceMs));
  return looks;
}

describe("the pace of a long wait", () => {
  it("grows with the time that it takes, to a minute", () => {
    const paces = [0, 4_000, 60_000, 600_000, 3_600_000].map((sinceMs) =>
      longPaceOf(DEFAULT_TIMING, sinceMs),
    );
    assert.deepEqual(paces, [DEFAULT_TIMING.lookMs, 2_000, 5_000, 30_000, 60_000]);
  });

  it("costs a BMC that tells less than half of what it costs one that does not", () => {
    const untold = looksIn(3_600_000, () => false);
    const told = looksIn(3_600_000, (sinceMs) => sinceMs >= DEFAULT_TIMING.eventsAfterMs);
    assert.ok(untold <= 140, `${untold} looks within an hour`);
    assert.ok(told <= untold / 2, `${told} of ${untold}`);
  });
});
