import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { createLog } from "../src/log.ts";

function hear(isForPeople = false) {
  const lines: string[] = [];
  const log = createLog({ level: "debug", to: { write: (line) => void lines.push(line) }, isForPeople });
  return { log, lines };
}

const SECRET = "Ab3".repeat(8);

describe("the log", () => {
  for (const [what, facts, message] of [
    ["a password field", { password: "canary" }, "logged in"],
    ["a deep password field", { node: { bmc: { password: "canary" } } }, "added"],
    ["user info in a URL", { url: "https://root:canary@10.0.0.1/redfish" }, "asked"],
    ["user info in a message", {}, "asked https://root:canary@10.0.0.1/redfish"],
    ["a disc's secret", { path: `/${SECRET}canary/boot.iso` }, "read"],
    ["a call-back's secret", {}, `POST /c/${SECRET}-canary`],
    ["an agent's secret", {}, `GET /a/${SECRET}canary/v1/lookup`],
    ["a token", {}, `refused tl_${"x".repeat(32)}canary`],
    ["an authorization header", { headers: { authorization: "Basic canary" } }, "sent"],
    ["credentials in a text", {}, "sent Authorization: Basic cm9vdDpjYW5hcnk= "],
  ] as const) {
    it(`strikes out ${what}`, () => {
      const { log, lines } = hear();

      log.info(facts, message);

      assert.equal(lines.length, 1);
      assert.doesNotMatch(lines[0]!, /canary|cm9vdD/);
      assert.match(lines[0]!, /\*\*\*/);
    });
  }

  it("tells an error and its causes without what libraries hang on them", () => {
    const { log, lines } = hear();
    const cause = Object.assign(new Error("socket hang up"), {
      code: "ECONNRESET",
      options: { headers: "canary" },
    });

    log.error({ err: new Error("could not insert the disc", { cause }) }, "a look was broken off");

    const { err } = JSON.parse(lines[0]!) as { err: { message: string; cause: { code: string } } };
    assert.equal(err.message, "could not insert the disc");
    assert.equal(err.cause.code, "ECONNRESET");
    assert.doesNotMatch(lines[0]!, /canary/);
  });

  it("speaks to people at a terminal", () => {
    const { log, lines } = hear(true);

    log.warn({ id: "dep_1" }, "the queue is away");

    const plain = stripVTControlCharacters(lines[0]!);
    assert.match(plain, /^\d\d:\d\d:\d\d warn {2}the queue is away id="dep_1"\n$/);
  });
});
