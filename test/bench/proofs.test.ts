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
  [`PATCH ${SYSTEM}/Settings`]: { what: "override", enabled: "Once", target: "Cd", mode: null },
  [`POST ${SLOT}/Oem/Huawei/Actions/VirtualMedia.Connect`]: {
    what: "insert",
    slot: "Cd",
    url: "http://x/boot.iso",
  },
  [`POST ${SLOT}/Oem/Huawei/Actions/VirtualMedia.Disconnect`]: { what: "eject", slot: "Cd", url: null },
};

/** A line is a method, a path and, where it is not 200, the status that was answered. */
function requestsOf(lines: readonly string[]) {
  return lines.map((line, index): LoggedRequest => {
    const [method, path, status = "200"] = line.split(" ") as [string, string, string?];
    const rest = {
      body: undefined,
      authorization: "session",
      query: "",
      ifMatch: null,
      traceparent: null,
      at: 0,
      answeredAt: 0,
    } as const;
    return { n: index + 1, method, path, status: Number(status), acted: line in DEEDS, ...rest };
  });
}

function judgeLines(lines: readonly string[], sessionsBefore = 0) {
  const requests = requestsOf(lines);
  const actions = requests
    .filter(({ acted }) => acted)
    .map(({ n, method, path }): Action => ({ n, at: 0, request: n, ...DEEDS[`${method} ${path}`]! }));
  return judge(requests, actions, sessionsBefore);
}

/** Nothing is missing, and so many were counted. */
function expectCounts(lines: readonly string[], counts: { requests: number; polls: number }): void {
  const { requests, polls, missing } = judgeLines(lines);
  assert.deepEqual({ requests, polls, missing }, { ...counts, missing: [] });
}

describe("the lab's judgement of a deployment", () => {
  it("misses nothing where every change was looked at", () => {
    expectCounts(WHOLE, { requests: 8, polls: 0 });
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
    expectCounts(waited, { requests: 8, polls: 2 });
    const doubled = [`GET ${SLOT}`, `GET ${SLOT}`, ...WHOLE];
    assert.equal(judgeLines(doubled).polls, 0);
    const found = ["POST /redfish/v1/SessionService/Sessions", `GET ${SLOT}`, ...doubled];
    assert.equal(judgeLines(found).polls, 0);
  });

  it("counts looks at a change's task as polls, and its own resource once", () => {
    const task = "GET /redfish/v1/TaskService/TaskMonitors/1";
    const followed = WHOLE.toSpliced(1, 0, `GET ${SLOT}`, task, task);
    expectCounts(followed, { requests: 8, polls: 3 });
  });

  it("counts a change that came too early and was asked for again as a poll, and no other refusal", () => {
    const early = WHOLE.toSpliced(4, 0, `${RESET} 409`, `GET ${SYSTEM}`);
    expectCounts(early, { requests: 8, polls: 2 });
    const untagged = WHOLE.toSpliced(2, 0, `PATCH ${SYSTEM} 412`);
    expectCounts(untagged, { requests: 9, polls: 0 });
  });

  it("misses nothing where one session follows the other, and finds two at once", () => {
    const logIn = "POST /redfish/v1/SessionService/Sessions 201";
    const logOut = "DELETE /redfish/v1/SessionService/Sessions/1";
    assert.deepEqual(judgeLines([logIn, ...WHOLE, logOut, logIn]).missing, []);
    assert.deepEqual(judgeLines([logIn, ...WHOLE, logIn]).missing, ["2 sessions at once"]);
    assert.deepEqual(judgeLines([logIn, ...WHOLE], 1).missing, ["2 sessions at once"]);
  });

  it("adds up the time of requests, those that were under way together once", () => {
    const times = [
      [0, 50],
      [10, 60],
      [100, 150],
    ] as const;
    const [request] = requestsOf([`GET ${SYSTEM}`]);
    const log = times.map(([at, answeredAt]) => ({ ...request!, at, answeredAt }));
    assert.equal(judge(log, []).busyMs, 110);
  });

  it("looks for a maker's own action at the slot, and for an override where it was set", () => {
    const [insert, eject] = ["Connect", "Disconnect"].map(
      (verb) => `POST ${SLOT}/Oem/Huawei/Actions/VirtualMedia.${verb}`,
    );
    const settings = `${SYSTEM}/Settings`;
    const own = [insert!, `GET ${SLOT}`, `PATCH ${settings}`, `GET ${settings}`, RESET, `GET ${SYSTEM}`];
    const lines = [...own, eject!, `GET ${SLOT}`];
    expectCounts(lines, { requests: 8, polls: 0 });
    assert.deepEqual(judgeLines(lines.toSpliced(3, 1)).missing, [`no look at ${settings} after override`]);
  });
});
