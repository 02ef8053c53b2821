import assert from "node:assert/strict";
import { readResetTypes, readState, setPower } from "../../src/redfish/power.ts";
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
    const body = JSON.stringify({ PowerState: "On", Boot, BootProgress: { LastState: "OSRunning" } });
    const { peer, client } = await begin([{ body }]);
    assert.deepEqual(await readState(client, "/system"), {
      power: "on",
      override: { enabled: "Once", target: "Cd", mode: undefined },
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
    const state = await readState(client, "/system", "/system/settings");
    assert.equal(state.power, "off");
    assert.equal(state.override.enabled, "Once");
  });

  it("uses ForceOn where On is not among the allowed types, without a read", async () => {
    const { peer, client } = await begin([DONE]);
    await setPower(client, resettable(["ForceOn", "ForceOff"]), "on", TIMING);
    assert.deepEqual(asked(peer), ["POST /reset"]);
    assert.equal(peer.bodies[0], '{"ResetType":"ForceOn"}');
  });

  it("finds the allowed types by ActionInfo, as OpenBMC gives them", async () => {
    const info: Reply = { body: '{"Parameters":[{"Name":"ResetType","AllowableValues":["On","ForceOff"]}]}' };
    const { client } = await begin([info]);
    const system = { Actions: { "#ComputerSystem.Reset": { "@Redfish.ActionInfo": "/info" } } };
    assert.deepEqual(await readResetTypes(client, system), ["On", "ForceOff"]);
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
