import assert from "node:assert/strict";
import { begin, endAll, serveDisc } from "./fixture.ts";
import { FAMILIES, profileNamed, variantOf } from "./index.ts";
import { until } from "../until.ts";

const SYSTEM = "/redfish/v1/Systems/1";
const once = { BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "Cd" };

describe("simulated families", () => {
  afterEach(endAll);

  it("say where each was seen", () => {
    for (const { name, source } of FAMILIES)
      assert.match(source, /recorded tree [a-z0-9.-]+|field notes \d/, `${name} has no source`);
  });

  it("read as full for a while after an eject (dell-idrac9-6.00)", async () => {
    const { bmc, client } = await begin({
      profile: variantOf("dell-idrac9-6.00", { media: { staleMs: 60_000 } }),
    });
    const disc = await serveDisc();
    await client.insert(disc.url);
    await client.eject();
    const { json } = await client.send("GET", "/redfish/v1/Systems/System.Embedded.1/VirtualMedia/1");
    assert.deepEqual([json.Inserted, json.Image, bmc.slot().image], [true, disc.url, null]);
  });

  it("answer an insert just after an eject with a page of HTML (dell-idrac9)", async () => {
    const profile = profileNamed("dell-idrac9");
    const busyAfterEject = { ...profile.media.busyAfterEject!, ms: 60_000 };
    const { client } = await begin({ profile: variantOf(profile, { media: { busyAfterEject } }) });
    const disc = await serveDisc();
    assert.equal((await client.insert(disc.url)).status, 204);
    await client.eject();
    const { status, text } = await client.insert(disc.url);
    assert.deepEqual([status, text.slice(0, 6)], [503, "<html>"]);
  });

  it("refuse by the manager's path what the system's path takes (dell-idrac9)", async () => {
    const { client } = await begin({ profile: "dell-idrac9" });
    const target = "/redfish/v1/Managers/iDRAC.Embedded.1/VirtualMedia/CD/Actions/VirtualMedia.InsertMedia";
    const { status, json } = await client.send("POST", target, { Image: "http://127.0.0.1:9/x.iso" });
    assert.equal(status, 500);
    assert.equal(json.error["@Message.ExtendedInfo"][0].MessageId, "IDRAC.2.8.RAC0904");
  });

  it("refuse On just after an off (dell-idrac10)", async () => {
    const { reset } = profileNamed("dell-idrac10");
    const afterOff = { ...reset.afterOff!, ms: 60_000 };
    const { bmc, client } = await begin({ profile: variantOf("dell-idrac10", { reset: { afterOff } }) });
    await client.reset("On");
    await until(() => bmc.power === "On");
    await client.reset("ForceOff");
    await until(() => bmc.power === "Off");
    assert.equal((await client.reset("On")).status, 409);
  });

  it("keep Once until the self-test is over, and refuse another meanwhile (hpe-ilo5)", async () => {
    const { bmc, client } = await begin({
      profile: variantOf("hpe-ilo5", { post: { ms: 60_000 }, powerLagMs: 0 }),
    });
    await client.override(once);
    await client.reset("On");
    assert.equal(bmc.override.enabled, "Once");
    const { status, json } = await client.override(once);
    const [said] = json.error["@Message.ExtendedInfo"];
    assert.deepEqual([status, said.MessageId], [400, "iLO.2.14.UnableToModifyDuringSystemPOST"]);
    const repeated = await client.reset("On");
    assert.equal(repeated.status, 400, "a repeated On is refused in the family's words");
  });

  it("take URLs in some slots only, by PATCH, under tags that read without quotes (lenovo-xcc)", async () => {
    const { client } = await begin({ profile: "lenovo-xcc" });
    const disc = await serveDisc();
    const insert = (id: string) =>
      client.send("PATCH", `/redfish/v1/Managers/1/VirtualMedia/${id}`, { Image: disc.url, Inserted: true });
    assert.equal((await insert("RDOC1")).status, 400);
    assert.equal((await insert("EXT1")).status, 204);
    const { headers, json } = await client.send("GET", SYSTEM);
    assert.equal(headers.get("etag"), `"${json["@odata.etag"]}"`);
  });

  it("fall to Legacy with a target alone, and go on showing what was ejected (supermicro-x12)", async () => {
    const { bmc, client } = await begin({ profile: "supermicro-x12" });
    await client.override({ ...once, BootSourceOverrideTarget: "UsbCd" });
    assert.equal(bmc.override.mode, "Legacy");
    const disc = await serveDisc();
    await client.insert(disc.url);
    await client.send(
      "POST",
      "/redfish/v1/Managers/1/VirtualMedia/VirtualMedia1/Actions/VirtualMedia.EjectMedia",
      {},
    );
    const { json } = await client.send("GET", "/redfish/v1/Managers/1/VirtualMedia/VirtualMedia1");
    assert.deepEqual([json.Inserted, json.Image, json.ConnectedVia], [false, disc.url, "NotConnected"]);
  });

  it("list a system that is not the host, and take overrides in the settings object alone (openbmc)", async () => {
    const { client } = await begin({ profile: "openbmc" });
    const { json } = await client.send("GET", "/redfish/v1/Systems/HGX_Baseboard_0");
    assert.deepEqual([json.Actions, json.Boot], [undefined, undefined]);
    const system = "/redfish/v1/Systems/System_0";
    assert.equal((await client.send("PATCH", system, { Boot: once })).status, 405);
    assert.equal((await client.send("PATCH", `${system}/Settings`, { Boot: once })).status, 204);
  });

  it("ask in prose for what is missing (ami-megarac)", async () => {
    const { client } = await begin({ profile: "ami-megarac" });
    const { status, json } = await client.insert("http://127.0.0.1:9/x.iso");
    const [said] = json.error["@Message.ExtendedInfo"];
    assert.deepEqual([status, said.MessageId], [400, "Base.1.13.GeneralError"]);
    assert.match(said.Message, /'TransferProtocolType' property which is mandatory/);
  });
});
