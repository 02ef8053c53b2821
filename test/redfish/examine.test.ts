import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BmcTarget, createBmcPool, examine, type Finding } from "../../src/redfish/index.ts";
import type { SharedBmcPool } from "../../src/redfish/index.ts";
import { plainTree, writeTree } from "../product/plain-tree.ts";
import { startService } from "./service.ts";
import { type Lab, type LabOptions, profileNamed, startLab } from "../bmc-simulator/index.ts";

const OTHER_PIN = `sha256:${"ab".repeat(32)}`;

describe("examine", () => {
  const labs: Lab[] = [];
  const pools: SharedBmcPool[] = [];

  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
    await Promise.all(labs.splice(0).map((lab) => lab.stop()));
  });

  /** Examines a BMC of a lab; `found` gives the finding of a check. */
  async function examineIn(options: LabOptions, changes: Partial<BmcTarget> = {}) {
    const lab = await startLab(options);
    labs.push(lab);
    const bmc = lab.bmcs[0]!;
    const { address, username, password } = bmc;
    const target = { address, tls: { mode: "verify" } as const, systemId: null };
    const findings = await examineTarget({ ...target, credentials: { username, password }, ...changes });
    return { lab, bmc, ...findings };
  }

  async function examineTarget(target: BmcTarget) {
    const pool = createBmcPool();
    pools.push(pool);
    const findings = await examine(pool, target);
    const found = (check: string) => findings.find((one) => one.check === check)!;
    return { findings, found };
  }

  const outcomes = (findings: Finding[]) =>
    findings.map(({ check, outcome }) => `${check} ${outcome}`).join(", ");

  it("finds all that a deployment needs, and changes nothing", async () => {
    const { findings, found, bmc, lab } = await examineIn({ tls: true }, { tls: { mode: "insecure" } });
    assert.equal(
      outcomes(findings),
      "reachable pass, tls warn, log-in pass, sessions pass, schemas pass, system pass, slots pass, boot-targets pass, reset-types pass, secure-boot pass, licence skip, settings skip, clock pass, jobs pass, quirks pass",
    );
    assert.ok(found("tls").detail.includes(lab.fingerprint!));
    assert.match(found("tls").hint!, /--tls-pin sha256:[0-9a-f]{64}/);
    assert.match(found("system").detail, /Contoso Model Server 1.*power off.*managed by Contoso BMC 2\.10/);
    assert.match(found("slots").detail, /Cd of the manager \(CD\/DVD; InsertMedia; .*empty\)/);
    assert.match(found("boot-targets").detail, /^Cd in /);
    assert.match(found("schemas").detail, /VirtualMedia \d/);
    assert.deepEqual(bmc.actions, []);
    assert.equal(bmc.openSessions, 1);
  });

  it("shows what sushy-tools lacks as it is", async () => {
    const { findings } = await examineIn({ profile: "sushy" });
    assert.equal(
      outcomes(findings),
      "reachable pass, tls warn, log-in pass, sessions warn, schemas skip, system pass, slots pass, boot-targets pass, reset-types pass, secure-boot skip, licence skip, settings skip, clock pass, jobs skip, quirks pass",
    );
  });

  it("takes a log-in for good where there is no machine, and says that there is none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "no-machine-"));
    const { Systems: _none, ...root } = plainTree()["/redfish/v1"]!;
    writeTree(folder, { "/redfish/v1": root, "/redfish/v1/Managers": { Members: [] } });
    const { found } = await examineIn({ tree: folder });
    rmSync(folder, { recursive: true });
    assert.match(found("log-in").detail, /admin may read \/redfish\/v1\/Managers$/);
    assert.equal(found("system").detail, "the BMC lists no system in /redfish/v1/Systems");
  });

  it("tries a wrong password once and skips what needs a log-in, saying why", async () => {
    for (const profile of ["generic", "sushy"]) {
      const wrong = { credentials: { username: "admin", password: "wrong" } };
      const { findings, found, bmc } = await examineIn({ profile }, wrong);
      assert.match(
        outcomes(findings),
        /^reachable pass, tls warn, log-in fail, sessions skip, .*-types skip, .*quirks skip$/,
      );
      assert.match(found("log-in").hint!, /no further attempt/);
      assert.equal(found("slots").detail, "needs log-in, which failed");
      assert.equal(bmc.refusedLogIns, 1);
    }
  });

  it("shows the certificate that was offered instead of the pinned one, and gives it no credential", async () => {
    const pin = { tls: { mode: "pin", fingerprint: OTHER_PIN } as const };
    const { findings, found, bmc, lab } = await examineIn({ tls: true }, pin);
    assert.match(outcomes(findings), /^reachable pass, tls fail, log-in skip/);
    assert.ok(found("tls").detail.includes(lab.fingerprint!));
    assert.ok(found("tls").hint!.includes(`--tls-pin ${lab.fingerprint!}`));
    assert.deepEqual(bmc.requests, []);
  });

  it("passes the certificate that is pinned", async () => {
    const lab = await startLab({ tls: true });
    labs.push(lab);
    const { address, username, password } = lab.bmcs[0]!;
    const { found } = await examineTarget({
      address,
      credentials: { username, password },
      tls: { mode: "pin", fingerprint: lab.fingerprint! },
      systemId: null,
    });
    assert.match(found("tls").detail, /^pinned: sha256:.* over TLSv1\.3$/);
    assert.equal(found("tls").outcome, "pass");
  });

  it("ends at once where nothing answers, or something that is no BMC", async () => {
    const page = createServer((_, response) => response.end("<html>Log in</html>"));
    await new Promise<void>((ready) => page.listen(0, "127.0.0.1", ready));
    const address = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    const target: BmcTarget = {
      address,
      tls: { mode: "verify" },
      systemId: null,
      credentials: { username: "admin", password: "secret" },
    };
    const html = await examineTarget(target);
    assert.match(html.found("reachable").detail, /not JSON/);
    page.closeAllConnections();
    await new Promise((closed) => page.close(closed));
    const nobody = await examineTarget(target);
    assert.match(nobody.found("reachable").detail, /ECONNREFUSED/);
    for (const { findings } of [html, nobody])
      assert.match(outcomes(findings), /^reachable fail, tls skip, log-in skip/);
  });

  it("says which system is missing, and which there are", async () => {
    const { found } = await examineIn({}, { systemId: "7" });
    assert.equal(found("system").outcome, "fail");
    assert.match(found("system").detail, /no system 7; it lists 1/);
    assert.equal(found("slots").outcome, "skip");
  });

  it("fails for a BMC without a slot for discs, and goes on", async () => {
    const generic = profileNamed("generic");
    const stick = generic.media.slots.filter(({ id }) => id === "Usb");
    const { findings, found } = await examineIn({
      profile: { ...generic, media: { ...generic.media, slots: stick } },
    });
    assert.match(
      found("slots").detail,
      /^no slot takes a CD: it has Usb \(USBStick\), and the target UefiHttp /,
    );
    assert.match(found("slots").hint!, /firmware knows virtual media: they may need a licence/);
    assert.match(outcomes(findings), /slots fail, boot-targets skip, reset-types pass, /);
  });

  it("warns of a slot without an action, of targets and of reset types that are not listed", async () => {
    const generic = profileNamed("generic");
    const { found } = await examineIn({
      profile: {
        ...generic,
        media: { ...generic.media, insertBy: "patch" },
        boot: { ...generic.boot, listsTargets: "nowhere" },
        reset: { ...generic.reset, listed: "nowhere" },
      },
    });
    for (const check of ["slots", "boot-targets", "reset-types"])
      assert.equal(found(check).outcome, "warn", found(check).detail);
  });

  it("fails for slots that fetch over no HTTP, and shows no secret of what they hold", async () => {
    const service = await startService();
    const insert = { target: "/i", "TransferProtocolType@Redfish.AllowableValues": ["NFS", "CIFS"] };
    const slot = { Inserted: true, Image: "http://10.0.0.1/8f1d2c3b/boot.iso", MediaTypes: ["CD"] };
    const actions = { Actions: { "#VirtualMedia.InsertMedia": insert } };
    for (const path of ["/Systems/1/VirtualMedia/CD1", "/Managers/1/VirtualMedia/CD"])
      service.instead[`GET ${path}`] = { body: JSON.stringify({ ...slot, ...actions }) };
    const { found } = await examineTarget({
      address: service.peer.address,
      credentials: { username: "root", password: "calvin" },
      tls: { mode: "verify" },
      systemId: null,
    });
    await service.peer.stop();
    assert.equal(found("slots").outcome, "fail");
    assert.match(
      found("slots").detail,
      /CD; InsertMedia; NFS\/CIFS; holds http:\/\/10\.0\.0\.1\/…\/boot\.iso/,
    );
  });

  it("fails where the disc cannot be booted from or the power not be switched", async () => {
    const generic = profileNamed("generic");
    const { found } = await examineIn({
      profile: {
        ...generic,
        boot: { ...generic.boot, targets: ["Pxe", "Hdd"] },
        reset: { ...generic.reset, types: ["On", "GracefulShutdown"] },
      },
    });
    assert.match(found("boot-targets").detail, /allows no boot from slot Cd; it lists the targets Pxe, Hdd/);
    assert.match(found("reset-types").detail, /none of them is "force-off"/);
    for (const check of ["boot-targets", "reset-types"]) assert.equal(found(check).outcome, "fail");
  });
});
