import assert from "node:assert/strict";
import { judge } from "../../bench/proofs.ts";
import type { Action, LoggedRequest } from "../bmc-simulator/index.ts";
import type { Deed } from "../bmc-simulator/request-log.ts";

const SYSTEM = "/redfish/v1/Systems/1";
const SLOT = "/redfish/v1/Managers/BMC/VirtualMedia/Cd";
const INSERT = `POST ${SLOT}/Actions/VirtualMedia.InsertMedia`;
const EJECT = `POST ${SLOT}/Actions/VirtualMedia.EjectMedia`;
const RESET = `POST ${SYSTEM}/Actions/ComputerSystem.Reset`;
const WHOLE = [
  INSERT,
  `GET ${SLOT}`,
  `PATCH ${SYSTEM}`,
  `GET ${SYSTEM}`,
  RESET,
  `GET ${SYSTEM}`,
  EJECT,
  `GET ${SLOT}`,
];

const DEEDS: Record<string, Deed> = {
  [INSERT]: { what: "insert", slot: "Cd", url: "http://x/boot.iso" },
  [EJECT]: { what: "eject", slot: "Cd", url: null },
  [RESET]: { what: "reset", type: "On" },
  [`PATCH ${SYSTEM}`]: { what: "override", enabled: "Once", target: "Cd", mode: null },
};

function judgeLines(lines: readonly string[]) {
  const requests = lines.map((line, index): LoggedRequest => {
    const [method, path] = line.split(" ") as [string, string];
    const rest = { body: undefined, authorization: "session", query: "", ifMatch: null, at: 0 } as const;
    return { n: index + 1, method, path, status: 200, acted: line in DEEDS, ...rest };
  });
  const actions = requests
    .filter(({ acted }) => acted)
    .map(({ n, method, path }): Action => ({ n, at: 0, request: n, ...DEEDS[`${method} ${path}`]! }));
  return judge(requests, actions);
}

describe("the lab's judgement of a deployment", () => {
  it("misses nothing where every change was looked at", () => {
    assert.deepEqual(judgeLines(WHOLE), { requests: 8, polls: 0, missing: [] });
  });

  it("misses each look that was left out", () => {
    const looks = { insert: 1, override: 3, reset: 5, eject: 7 };
    for (const [what, place] of Object.entries(looks)) {
      const { missing } = judgeLines(WHOLE.toSpliced(place, 1));
      assert.equal(missing.length, 1);
      assert.match(missing[0]!, new RegExp(`after ${what}$`));
    }
  });

  it("misses an action that was never done", () => {
    assert.match(judgeLines(WHOLE.slice(0, 6)).missing.join(), /no eject at all/);
  });

  it("counts repeated looks behind a change apart, and no others", () => {
    const waited = WHOLE.toSpliced(6, 0, `GET ${SYSTEM}`, `GET ${SYSTEM}`);
    assert.deepEqual(judgeLines(waited), { requests: 8, polls: 2, missing: [] });
    const doubled = [`GET ${SLOT}`, `GET ${SLOT}`, ...WHOLE];
    assert.equal(judgeLines(doubled).polls, 0);
  });
});
