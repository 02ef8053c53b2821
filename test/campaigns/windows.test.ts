import assert from "node:assert/strict";
import { isOpen, opensAtMs, type Window } from "../../src/campaigns/index.ts";

const night: Window = { days: ["sat"], from: "22:00", to: "04:00", timeZone: "Europe/Amsterdam" };
const ms = (time: string) => Date.parse(time);

describe("the window of a campaign", () => {
  it("is open from its beginning to its end, over midnight too, in its own time zone", () => {
    // Saturday, 10 January 2026; Amsterdam is an hour ahead of UTC in winter.
    for (const [time, expected] of [
      ["2026-01-10T20:59:00Z", false],
      ["2026-01-10T21:00:00Z", true],
      ["2026-01-11T02:59:00Z", true],
      ["2026-01-11T03:00:00Z", false],
      ["2026-01-11T21:30:00Z", false],
    ] as const)
      assert.equal(isOpen([night], ms(time)), expected, time);
  });

  it("is not needed", () => {
    assert.equal(isOpen([], 0), true);
    assert.equal(opensAtMs([], 0), null);
  });

  it("says when it opens next, whatever the clocks do on the way", () => {
    const from = (time: string, window: Window) => new Date(opensAtMs([window], ms(time))!).toISOString();
    assert.equal(from("2026-01-11T12:00:30Z", night), "2026-01-17T21:00:00.000Z");
    // Summer time begins on 29 March 2026 and ends on 25 October.
    const early: Window = { days: [], from: "05:00", to: "06:00", timeZone: "Europe/Amsterdam" };
    assert.equal(from("2026-03-28T23:00:00Z", early), "2026-03-29T03:00:00.000Z");
    assert.equal(from("2026-10-24T22:00:00Z", early), "2026-10-25T04:00:00.000Z");
    assert.equal(
      from("2026-01-10T05:30:00Z", { ...early, timeZone: "UTC", days: ["fri"] }),
      "2026-01-16T05:00:00.000Z",
    );
  });

  it("is one of several, of which the first to open counts", () => {
    const noon: Window = { days: ["sun"], from: "12:00", to: "13:00", timeZone: "UTC" };
    assert.equal(opensAtMs([night, noon], ms("2026-01-11T11:00:00Z")), ms("2026-01-11T12:00:00Z"));
    assert.equal(opensAtMs([night, noon], ms("2026-01-11T12:10:00Z")), null);
  });
});
