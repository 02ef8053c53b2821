import assert from "node:assert/strict";
import { processTerminal } from "../../src/cli/terminal.ts";

describe("the terminal of a process", () => {
  it("hears the echo of a signal for a while after the command is over, or it would be killed by it", () => {
    const before = process.listenerCount("SIGINT");
    const leave = processTerminal().onInterrupt(() => undefined);
    leave();
    assert.equal(process.listenerCount("SIGINT"), before + 1);
  });
});
