import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { begin, endAll, serveDisc } from "./fixture.ts";
import { until } from "../until.ts";

const SYSTEM = "/redfish/v1/Systems/Host";
const SLOT = "/redfish/v1/Managers/BMC/VirtualMedia/CD1";
const link = (path: string) => ({ "@odata.id": path });

/** A BMC as somebody might have recorded it: on, with a disc in, behind a baseboard that cannot be reset. */
const RECORDED: Record<string, object> = {
  "/redfish/v1": {
    "@odata.id": "/redfish/v1/",
    "@odata.etag": 'W/"1"',
    RedfishVersion: "1.9.0",
    Vendor: "Example",
    Systems: link("/redfish/v1/Systems"),
    Managers: link("/redfish/v1/Managers/"),
    SessionService: link("/redfish/v1/SessionService"),
  },
  "/redfish/v1/Systems": { Members: [link("/redfish/v1/Systems/Baseboard"), link(`${SYSTEM}/`)] },
  "/redfish/v1/Systems/Baseboard": { Id: "Baseboard", PowerState: "On" },
  [SYSTEM]: {
    "@odata.id": SYSTEM,
    "@odata.etag": 'W/"2"',
    Id: "Host",
    SKU: "as recorded",
    PowerState: "On",
    Boot: {
      BootOrder: ["Boot0001"],
      BootSourceOverrideEnabled: "Disabled",
      BootSourceOverrideTarget: "None",
      "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Cd", "Hdd"],
    },
    Links: { ManagedBy: [link("/redfish/v1/Managers/BMC")] },
    Actions: {
      "#ComputerSystem.Reset": {
        target: `${SYSTEM}/Actions/ComputerSystem.Reset`,
        "@Redfish.ActionInfo": `${SYSTEM}/ResetActionInfo`,
      },
    },
  },
  [`${SYSTEM}/ResetActionInfo`]: {
    Parameters: [{ Name: "ResetType", AllowableValues: ["On", "ForceOff"] }],
  },
  "/redfish/v1/Managers": { Members: [link("/redfish/v1/Managers/BMC")] },
  "/redfish/v1/Managers/BMC": { Id: "BMC", VirtualMedia: link("/redfish/v1/Managers/BMC/VirtualMedia") },
  "/redfish/v1/Managers/BMC/VirtualMedia": { Members: [link(SLOT)] },
  [SLOT]: {
    "@odata.id": SLOT,
    Id: "CD1",
    MediaTypes: ["CD"],
    Image: "http://198.51.100.1/old.iso",
    Inserted: true,
    ConnectedVia: "URI",
    Actions: {
      "#VirtualMedia.InsertMedia": {
        target: `${SLOT}/Actions/VirtualMedia.InsertMedia`,
        "TransferProtocolType@Redfish.AllowableValues": ["HTTP", "NFS"],
      },
      "#VirtualMedia.EjectMedia": { target: `${SLOT}/Actions/VirtualMedia.EjectMedia` },
    },
  },
};

describe("a recorded tree, served as a BMC", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "recorded-tree-"));
    for (const [path, body] of Object.entries(RECORDED)) {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, "index.json"), JSON.stringify(body));
    }
    mkdirSync(join(folder, "redfish/v1/$metadata"));
    writeFileSync(join(folder, "redfish/v1/$metadata/index.xml"), "<Edmx/>");
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(endAll);

  it("begins as it was recorded", async () => {
    const { bmc, client } = await begin({ tree: folder });
    assert.deepEqual([bmc.power, bmc.slot().image], ["On", "http://198.51.100.1/old.iso"]);
    const { json } = await client.send("GET", SYSTEM);
    assert.deepEqual([json.SKU, json.PowerState, json.Boot.BootOrder], ["as recorded", "On", ["Boot0001"]]);
    assert.equal((await client.send("GET", "/redfish/v1/$metadata")).text, "<Edmx/>");
    assert.equal((await client.send("GET", "/redfish/v1/Chassis")).status, 404);
  });

  it("boots the disc that is put in, by the actions and values that it lists", async () => {
    const { bmc, client } = await begin({ tree: folder });
    const disc = await serveDisc();
    assert.equal((await client.send("POST", `${SLOT}/Actions/VirtualMedia.EjectMedia`, {})).status, 204);
    assert.equal((await client.send("GET", SLOT)).json.Inserted, false);
    const insert = (Image: string) =>
      client.send("POST", `${SLOT}/Actions/VirtualMedia.InsertMedia`, { Image });
    assert.equal((await insert(disc.url.replace("http:", "https:"))).status, 400, "no HTTPS is listed");
    assert.equal((await insert(disc.url)).status, 204);
    assert.deepEqual((await client.send("GET", SLOT)).json.Image, disc.url);
    const boot = (BootSourceOverrideTarget: string) =>
      client.send("PATCH", SYSTEM, { Boot: { BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget } });
    assert.equal((await boot("Usb")).status, 400, "no Usb is listed");
    assert.equal((await boot("Cd")).status, 204);
    const reset = (ResetType: string) =>
      client.send("POST", `${SYSTEM}/Actions/ComputerSystem.Reset`, { ResetType });
    assert.equal((await reset("PowerCycle")).status, 400, "no PowerCycle is listed");
    assert.deepEqual([(await reset("ForceOff")).status, (await reset("On")).status], [204, 204]);
    await until(() => bmc.bootedFrom?.url === disc.url);
    assert.equal((await client.send("GET", SYSTEM)).json.Boot.BootSourceOverrideTarget, "None");
  });

  it("serves what is no JSON as it was recorded, and reads past a byte order mark", async () => {
    const broken = join(folder, "redfish/v1/Chassis");
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, "index.json"), "<html>404</html>");
    const root = join(folder, "redfish/v1/index.json");
    writeFileSync(root, `\uFEFF${JSON.stringify(RECORDED["/redfish/v1"])}`);
    const { client } = await begin({ tree: folder });
    const { status, text } = await client.send("GET", "/redfish/v1/Chassis");
    assert.deepEqual([status, text], [200, "<html>404</html>"]);
    assert.equal((await client.send("GET", SYSTEM)).status, 200);
  });

  it("gives tags of the recorded kind, new with each change", async () => {
    const { client } = await begin({ tree: folder });
    const before = (await client.send("GET", SYSTEM)).headers.get("etag");
    await client.send("POST", `${SYSTEM}/Actions/ComputerSystem.Reset`, { ResetType: "ForceOff" });
    const after = await client.send("GET", SYSTEM);
    assert.match(String(before), /^W\//);
    assert.notEqual(after.headers.get("etag"), before);
    assert.equal(after.json["@odata.etag"], after.headers.get("etag"));
  });

  it("is read as well where its own index.json is the service root, and refused where there is none", async () => {
    const { client } = await begin({ tree: join(folder, "redfish/v1") });
    assert.equal((await client.send("GET", SYSTEM)).json.Id, "Host");
    await assert.rejects(
      begin({ tree: join(folder, "redfish/v1/Chassis") }),
      /holds no redfish\/v1\/index.json/,
    );
  });
});
