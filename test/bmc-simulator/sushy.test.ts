import assert from "node:assert/strict";
import { begin, endAll, serveDisc } from "./fixture.ts";
import { asModelMachine } from "./index.ts";
import { until } from "../until.ts";

const SYSTEM = "/redfish/v1/Systems/c7a5fdbd-edaf-9455-926a-d65c16db1809";

/** Each of these was measured on sushy-tools' emulator over libvirt. */
describe("a simulated BMC like sushy-tools", () => {
  afterEach(endAll);

  it("knows Basic only, and stumbles over anything else", async () => {
    const { client } = await begin({ profile: "sushy" });

    const root = await client.send("GET", "/redfish/v1/", undefined, {});
    assert.deepEqual([root.json.SessionService, root.headers.get("connection")], [undefined, "close"]);
    assert.equal((await client.send("POST", "/redfish/v1/SessionService/Sessions", {})).status, 404);
    assert.equal((await client.send("GET", SYSTEM, undefined, { "x-auth-token": "x" })).status, 401);
    const bearer = await client.send("GET", SYSTEM, undefined, { authorization: "Bearer x" });
    assert.deepEqual([bearer.status, bearer.text.slice(0, 9)], [500, "<!doctype"]);
  });

  it("downloads the whole disc inside the insert, and keeps what was in when that fails", async () => {
    const { bmc, client } = await begin({ profile: "sushy" });
    const disc = await serveDisc();
    const missing = await serveDisc();
    missing.status = 404;

    assert.equal((await client.insert(disc.url)).status, 204);
    assert.deepEqual(disc.reads, ["GET whole"]);
    assert.equal((await client.insert(missing.url)).status, 400);

    assert.deepEqual([bmc.slot().image, bmc.slot().inserted], [disc.url, true]);
  });

  it("reads Continuous whatever was asked, refuses Disabled in text that calls itself JSON, and goes back by Hdd", async () => {
    const { client } = await begin({ profile: "sushy" });
    const disc = await serveDisc();
    assert.equal((await client.override({ BootSourceOverrideTarget: "Cd" })).status, 500);
    await client.insert(disc.url);

    await client.override({ BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "Cd" });
    const { Boot } = (await client.send("GET", SYSTEM)).json;
    assert.deepEqual([Boot.BootSourceOverrideEnabled, Boot.BootSourceOverrideTarget], ["Continuous", "Cd"]);
    const disabled = await client.override({ BootSourceOverrideEnabled: "Disabled" });
    assert.deepEqual([disabled.status, disabled.json], [400, undefined]);
    assert.equal(disabled.headers.get("content-type"), "application/json");
    assert.equal((await client.override({ BootSourceOverrideTarget: "None" })).status, 500);
    assert.equal((await client.override({ BootSourceOverrideTarget: "Hdd" })).status, 204);
  });

  it("says 204 to a reset that does not fit, and to one that it does not know", async () => {
    const { bmc, client } = await begin({ profile: "sushy" });

    assert.equal((await client.reset("ForceRestart")).status, 204);
    assert.equal((await client.reset("PowerCycle")).status, 204);

    assert.equal(bmc.power, "Off");
    assert.deepEqual(bmc.actions, []);
  });

  it("leaves the guest its disc after an eject, until a power cycle", async () => {
    const { bmc, client } = await begin({ profile: "sushy" });
    const disc = await serveDisc();
    await client.bootOnce(disc.url);
    await until(() => bmc.machine.bootState === "OSRunning");

    await client.eject();
    assert.deepEqual([bmc.slot().inserted, bmc.override.target], [false, "Hdd"]);
    asModelMachine(bmc.machine).rebootItself();
    await until(() => bmc.machine.boots.length === 2);
    await client.reset("ForceRestart");
    await until(() => bmc.machine.boots.length === 3);

    assert.deepEqual(
      bmc.machine.boots.map(({ from }) => from),
      ["disc", "disc", "disk"],
    );
  });

  it("sends who asks for a system by name on to its id", async () => {
    const { bmc, client } = await begin({ profile: "sushy" });

    const answer = await client.send("GET", `/redfish/v1/Systems/${bmc.name}`);

    assert.deepEqual([answer.status, answer.headers.get("location")], [307, SYSTEM]);
  });
});
