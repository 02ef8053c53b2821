import assert from "node:assert/strict";
import { createBmcPool, examine, type Finding } from "../../src/redfish/index.ts";
import { type Service, startService } from "./service.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");
const link = (path: string) => ({ "@odata.id": `/redfish/v1${path}` });
const MEDIA = { VirtualMedia: link("/Managers/1/VirtualMedia") };

describe("what else a preflight looks at", () => {
  let service: Service;
  beforeEach(async () => (service = await startService()));
  afterEach(() => service.peer.stop());

  /** @param bodies in place of the tree's, by path */
  async function findingOf(check: string, bodies: Record<string, object>): Promise<Finding> {
    for (const [path, body] of Object.entries(bodies))
      service.instead[`GET ${path}`] = { body: JSON.stringify(body) };
    const pool = createBmcPool({ now: () => NOW });
    const found = await examine(pool, {
      address: service.peer.address,
      credentials: { username: "root", password: "calvin" },
      tls: { mode: "verify" },
      systemId: "/redfish/v1/Systems/1",
    });
    await pool.close();
    return found.find((one) => one.check === check)!;
  }

  const ROOT = {
    RedfishVersion: "1.15.0",
    Systems: link("/Systems"),
    Links: { Sessions: link("/Sessions") },
  };
  const system = (more: object) => ({
    Id: "1",
    PowerState: "Off",
    Links: { ManagedBy: [link("/Managers/1")] },
    Actions: { "#ComputerSystem.Reset": { target: "/redfish/v1/Systems/1/Reset" } },
    ...more,
  });

  it("is Secure Boot, as it is set and as the last boot had it", async () => {
    const { outcome, detail } = await findingOf("secure-boot", {
      "/Systems/1": system({ SecureBoot: link("/Systems/1/SecureBoot") }),
      "/Systems/1/SecureBoot": {
        SecureBootEnable: true,
        SecureBootCurrentBoot: "Disabled",
        SecureBootMode: "UserMode",
      },
    });
    assert.equal(outcome, "pass");
    assert.equal(detail, "enabled, off at the last boot; keys in UserMode: only signed discs boot");
  });

  it("is the licence, where a maker ties virtual media to it", async () => {
    const hpe = (LicenseString: string) => ({
      "/Managers/1": { ...MEDIA, Oem: { Hpe: { License: { LicenseString } } } },
    });
    assert.equal((await findingOf("licence", hpe("iLO Advanced"))).outcome, "pass");
    const standard = await findingOf("licence", hpe("iLO Standard"));
    assert.equal(standard.outcome, "warn");
    assert.match(standard.hint!, /higher licence/);
    const dell = { Links: { Oem: { Dell: { DellLicenseCollection: link("/Licenses") } } } };
    const none = { "/Managers/1": { ...MEDIA, ...dell }, "/Licenses": { Members: [] } };
    assert.equal((await findingOf("licence", none)).detail, "no licence is listed");
  });

  it("is the clock, against which the BMC judges certificates", async () => {
    const at = (DateTime: string) => findingOf("clock", { "/Managers/1": { ...MEDIA, DateTime } });
    assert.equal((await at("2026-05-01T14:01:00+02:00")).outcome, "pass");
    const behind = await at("2025-05-01T12:00:00Z");
    assert.equal(behind.outcome, "warn");
    assert.match(behind.detail, /365 days behind/);
    assert.equal((await at("soon")).outcome, "skip");
  });

  it("is jobs under way, and none of those that have ended", async () => {
    const { outcome, detail } = await findingOf("jobs", {
      "/": { ...ROOT, JobService: link("/JobService"), Tasks: link("/TaskService") },
      "/JobService": { Jobs: link("/Jobs") },
      "/Jobs": { Members: [link("/Jobs/1"), link("/Jobs/2"), link("/Jobs/3"), link("/Jobs/PowerOn")] },
      "/Jobs/PowerOn": { Name: "Power On", JobState: "Suspended", Schedule: { EnabledDaysOfWeek: [] } },
      "/Jobs/1": { Name: "Configure: BIOS", JobState: "Scheduled" },
      "/Jobs/2": { Name: "Old", JobState: "CompletedWithErrors" },
      "/TaskService": { Tasks: link("/Tasks") },
      "/Tasks": { Members: [] },
    });
    assert.deepEqual([outcome, detail], ["warn", "under way: Configure: BIOS (Scheduled)"]);
  });

  it("is an iDRAC's attributes, without which the host never sees a disc", async () => {
    const path = "/Managers/1/Oem/Dell/DellAttributes/iDRAC.Embedded.1";
    const dell = { Links: { Oem: { Dell: { DellAttributes: [link(path)] } } } };
    const attributes = { "VirtualMedia.1.Enable": "Enabled", "VirtualMedia.1.Attached": "Detached" };
    const found = await findingOf("settings", {
      "/Managers/1": { ...MEDIA, ...dell },
      [path]: { Attributes: attributes },
    });
    assert.equal(found.outcome, "fail");
    assert.match(found.hint!, /AutoAttach/);
  });

  it("is sessions of others, which may leave none for us", async () => {
    const Members = Array.from({ length: 8 }, (_, index) => link(`/Sessions/${index}`));
    service.instead["GET /Sessions"] = { body: JSON.stringify({ Members }) };
    const found = await findingOf("sessions", {});
    assert.equal(found.outcome, "warn", found.detail);
    assert.match(found.detail, /8 are open/);
  });
});
