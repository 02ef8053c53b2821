import assert from "node:assert/strict";
import { readPower, setPower } from "../../src/redfish/power.ts";
import type { System } from "../../src/redfish/system.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Reply } from "./https-peer.ts";

const SYSTEM = { path: "/system", id: "1", managers: [] } as unknown as System;
const TIMING = { limitMs: 60_000, sleep: async () => undefined };
const DONE: Reply = { status: 204 };
const systemWith = (reset: object): Reply => ({
  body: JSON.stringify({ Actions: { "#ComputerSystem.Reset": { target: "/reset", ...reset } } }),
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
      assert.equal(await readPower(client, SYSTEM), meant);
    });

  it("uses ForceOn where On is not among the allowed types", async () => {
    const { peer, client } = await begin([
      systemWith({ "ResetType@Redfish.AllowableValues": ["ForceOn", "ForceOff"] }),
      DONE,
    ]);
    await setPower(client, SYSTEM, "on", TIMING);
    assert.deepEqual(asked(peer), ["GET /system", "POST /reset"]);
    assert.equal(peer.bodies[1], '{"ResetType":"ForceOn"}');
  });

  it("finds the allowed types by ActionInfo, as OpenBMC gives them", async () => {
    const info: Reply = { body: '{"Parameters":[{"Name":"ResetType","AllowableValues":["On","ForceOff"]}]}' };
    const { peer, client } = await begin([systemWith({ "@Redfish.ActionInfo": "/info" }), info, DONE]);
    await setPower(client, SYSTEM, "force-off", TIMING);
    assert.equal(peer.bodies[2], '{"ResetType":"ForceOff"}');
  });

  it("sends nothing where the type is not allowed, and names those that are", async () => {
    const { peer, client } = await begin([
      systemWith({ "ResetType@Redfish.AllowableValues": ["On", "ForceOff"] }),
    ]);
    const error = await fails(setPower(client, SYSTEM, "off", TIMING), "bmc-unsupported");
    assert.match(error.message, /lists On, ForceOff/);
    assert.deepEqual(asked(peer), ["GET /system"]);
  });

  it("tries the standard's words where nothing is listed", async () => {
    const { peer, client } = await begin([systemWith({}), DONE]);
    await setPower(client, SYSTEM, "on", TIMING);
    assert.equal(peer.bodies[1], '{"ResetType":"On"}');
  });
});
