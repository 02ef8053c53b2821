import assert from "node:assert/strict";
import type { Answer } from "../../src/redfish/client.ts";
import { followTask, readTask } from "../../src/redfish/task.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Reply } from "./https-peer.ts";

const ACCEPTED: Answer = {
  status: 202,
  headers: { location: "/tasks/7/monitor", "retry-after": "5" },
  body: undefined,
};
const running: Reply = { status: 202, headers: { "retry-after": "2" }, body: '{"TaskState":"Running"}' };

/** A clock that moves only when slept on. */
function fakeTiming(limitMs = 60_000) {
  const slept: number[] = [];
  let at = 0;
  const sleep = async (ms: number) => void (slept.push(ms), (at += ms));
  return { slept, timing: { leftMs: () => limitMs - at, now: () => at, sleep } };
}

describe("task", () => {
  afterEach(endAll);

  it("is followed to its end at the pace the BMC asks for", async () => {
    const { peer, client } = await begin([running, running, { status: 204 }]);
    const { slept, timing } = fakeTiming();
    const monitors: string[] = [];
    const last = await followTask(client, ACCEPTED, {
      ...timing,
      onMonitor: (path) => void monitors.push(path),
    });
    assert.equal(last.status, 204);
    assert.deepEqual(slept, [5_000, 2_000, 2_000]);
    assert.deepEqual(monitors, ["/tasks/7/monitor"]);
    assert.equal(asked(peer).length, 3);
  });

  it("is not over while a 200 says that it runs", async () => {
    const done: Reply = { body: '{"TaskState":"Completed","TaskStatus":"OK"}' };
    const { client } = await begin([{ body: '{"TaskState":"New"}' }, done]);
    assert.equal((await followTask(client, ACCEPTED, fakeTiming().timing)).status, 200);
  });

  it("fails with the messages of the BMC", async () => {
    const body = JSON.stringify({
      TaskState: "Exception",
      Messages: [{ MessageId: "IDRAC.2.8.RAC0904", Message: "The remote file location is not accessible." }],
    });
    const { client } = await begin([{ body }]);
    const error = await fails(followTask(client, ACCEPTED, fakeTiming().timing), "bmc-rejected");
    assert.match(error.message, /remote file location is not accessible/);
  });

  it("may be missing just after it was created, but not for long", async () => {
    const late = await begin([{ status: 404 }, { status: 204 }]);
    await followTask(late.client, ACCEPTED, fakeTiming().timing);
    const never = await begin([{ status: 404 }]);
    await fails(followTask(never.client, ACCEPTED, fakeTiming().timing), "bmc-not-found");
  });

  it("may still do what it was made for when its monitor cannot be asked", async () => {
    const { client } = await begin(["hang-up"]);
    const error = await fails(followTask(client, ACCEPTED, fakeTiming().timing), "bmc-unreachable");
    assert.ok(error.mayHaveActed);
  });

  it("is refused by its monitor in the words of the BMC", async () => {
    const message = { MessageId: "Base.1.8.ResourceInUse", Message: "The slot is in use." };
    const body = JSON.stringify({ error: { "@Message.ExtendedInfo": [message] } });
    const { client } = await begin([{ status: 400, body }]);
    const error = await fails(followTask(client, ACCEPTED, fakeTiming().timing), "bmc-rejected");
    assert.match(error.message, /refused with 400: The slot is in use/);
    assert.ok(!error.mayHaveActed);
  });

  it("tells a successor whether it runs, has ended, is gone or has failed", async () => {
    const failed: Reply = { body: '{"TaskState":"Exception","Messages":[{"Message":"No such share."}]}' };
    const { client } = await begin([running, { status: 204 }, { status: 404 }, failed]);
    const told = [await readTask(client, "/t"), await readTask(client, "/t"), await readTask(client, "/t")];
    assert.deepEqual(told, ["running", "ended", "gone"]);
    assert.match((await fails(readTask(client, "/t"), "bmc-rejected")).message, /No such share/);
  });

  it("is given up at its limit", async () => {
    const { client } = await begin([running]);
    const error = await fails(followTask(client, ACCEPTED, fakeTiming(20_000).timing), "bmc-timed-out");
    assert.ok(error.mayHaveActed);
  });

  it("leaves every answer but 202 as it is", async () => {
    const { peer, client } = await begin([{ status: 204 }]);
    const answer: Answer = { status: 204, headers: {}, body: undefined };
    assert.equal(await followTask(client, answer, fakeTiming().timing), answer);
    assert.equal(peer.requests.length, 0);
  });
});
