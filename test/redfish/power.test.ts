import assert from "node:assert/strict";
import { readOverride, readReset, readState, setPower } from "../../src/redfish/power.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Reply } from "./https-peer.ts";

const TIMING = { leftMs: () => 60_000, sleep: async () => undefined };
const DONE: Reply = { status: 204 };
const resettable = (types: string[] | undefined) => ({
  system: { path: "/system" },
  reset: { target: "/reset", types },
});

describe("power", () => {
  afterEach(endAll);

  for (const [said, meant] of [
    ['"On"', "on"],
    ['"PoweringOff"', "powering-off"],
    ["null", "unknown"],
    ['"Reset"', "unknown"],
  ])
    it(`reads ${said} as ${meant}`, async () => {
      const { client } = await begin([{ body: `{"PowerState":${said}}` }]);
      assert.equal((await readState(client, "/system")).power, meant);
    });

  it("comes with override and boot progress in the same read", async () => {
    const Boot = { BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "Cd" };
    const Status = { State: "Enabled", Health: "OK", HealthRollup: "Warning" };
    const body = JSON.stringify({ PowerState: "On", Boot, BootProgress: { LastState: "OSRunning" }, Status });
    const { peer, client } = await begin([{ body }]);
    assert.deepEqual(await readState(client, "/system"), {
      power: "on",
      override: { enabled: "Once", target: "Cd", mode: undefined, etag: undefined },
      health: "Warning",
      bootProgress: "OSRunning",
    });
    assert.equal(peer.requests.length, 1);
  });

  it("reads a boot override where it was set, which the system itself shows only after the boot", async () => {
    const boot = (enabled: string) => ({ Boot: { BootSourceOverrideEnabled: enabled } });
    const { client } = await begin([
      ({ url }) => ({
        body: JSON.stringify(url === "/system" ? { PowerState: "Off", ...boot("Disabled") } : boot("Once")),
      }),
    ]);
    assert.equal((await readState(client, "/system")).override.enabled, "Disabled");
    assert.equal((await readOverride(client, "/system/settings")).enabled, "Once");
  });

  it("uses ForceOn where On is not among the allowed types, without a read", async () => {
    const { peer, client } = await begin([DONE]);
    await setPower(client, resettable(["ForceOn", "ForceOff"]), "on", TIMING);
    assert.deepEqual(asked(peer), ["POST /reset"]);
    assert.equal(peer.bodies[0], '{"ResetType":"ForceOn"}');
  });

  it("finds the allowed types by ActionInfo, as OpenBMC gives them", async () => {
    const info: Reply = { body: '{"Parameters":[{"Name":"ResetType","AllowableValues":["On","ForceOff"]}]}' };
    const { client, peer } = await begin([info]);
    const system = {
      Actions: { "#ComputerSystem.Reset": { target: "/reset", "@Redfish.ActionInfo": "/info" } },
    };
    assert.deepEqual((await readReset(client, system, true)).types, ["On", "ForceOff"]);
    assert.deepEqual(await readReset(client, system, false), {
      target: "/reset",
      types: undefined,
      typesPath: "/info",
    });
    assert.equal(peer.requests.length, 1);
  });

  it("looks the types up only where its own word is refused, or was taken and had no effect", async () => {
    const info: Reply = { body: '{"Parameters":[{"Name":"ResetType","AllowableValues":["ForceOn"]}]}' };
    const unread = {
      system: { path: "/system" },
      reset: { target: "/reset", types: undefined, typesPath: "/i" },
    };
    const off: Reply = { body: '{"PowerState":"Off"}' };
    const taken = await begin([DONE]);
    await setPower(taken.client, unread, "on", TIMING);
    assert.deepEqual(taken.peer.bodies, ['{"ResetType":"On"}']);
    const refused = await begin([{ status: 400 }, off, info, DONE]);
    await setPower(refused.client, unread, "on", TIMING);
    assert.deepEqual(asked(refused.peer), ["POST /reset", "GET /system", "GET /i", "POST /reset"]);
    assert.equal(refused.peer.bodies.at(-1), '{"ResetType":"ForceOn"}');
    const again = await begin([info, DONE]);
    await setPower(again.client, unread, "on", TIMING, { again: true });
    assert.deepEqual(asked(again.peer), ["GET /i", "POST /reset"]);
    assert.equal(again.peer.bodies.at(-1), '{"ResetType":"ForceOn"}');
  });

  it("sends nothing where the type is not allowed, and names those that are", async () => {
    const { peer, client } = await begin([DONE]);
    const promise = setPower(client, resettable(["On", "ForceOff"]), "off", TIMING);
    assert.match((await fails(promise, "bmc-unsupported")).message, /lists On, ForceOff/);
    assert.equal(peer.requests.length, 0);
  });

  it("tries the standard's words where nothing is listed", async () => {
    const { peer, client } = await begin([DONE]);
    await setPower(client, resettable(undefined), "force-off", TIMING);
    assert.equal(peer.bodies[0], '{"ResetType":"ForceOff"}');
  });

  it("is reached when the BMC refuses what is so already, and only then", async () => {
    for (const status of [400, 409]) {
      const already = await begin([{ status }, { body: '{"PowerState":"Off"}' }]);
      await setPower(already.client, resettable(undefined), "force-off", TIMING);
      const not = await begin([{ status }, { body: '{"PowerState":"On"}' }]);
      await assert.rejects(setPower(not.client, resettable(undefined), "force-off", TIMING), { status });
    }
  });
});
