import assert from "node:assert/strict";
import { type BmcTarget, createBmcPool, holds, type PoolOptions } from "../../src/redfish/index.ts";
import type { SharedBmcPool } from "../../src/redfish/index.ts";
import { endAll, serveDisc } from "../bmc-simulator/fixture.ts";
import { type Lab, type LabOptions, profileNamed, startLab, variantOf } from "../bmc-simulator/index.ts";
import { fails } from "./fixture.ts";
import { until } from "../until.ts";

const ONCE = { mode: null, persistent: false };

describe("a BMC of the lab", () => {
  const labs: Lab[] = [];
  const pools: SharedBmcPool[] = [];

  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
    await Promise.all(labs.splice(0).map((lab) => lab.stop()));
    await endAll();
  });

  async function openIn(lab: LabOptions, target: Partial<BmcTarget> = {}, options: PoolOptions = {}) {
    const started = await startLab(lab);
    labs.push(started);
    const peer = started.bmcs[0]!;
    const pool = createBmcPool(options);
    pools.push(pool);
    const { address, username, password } = peer;
    const tls: BmcTarget["tls"] = { mode: "verify" };
    const bmc = pool.open({ address, credentials: { username, password }, tls, systemId: null, ...target });
    return { peer, bmc, pool, lab: started };
  }

  for (const profile of ["generic", "eager", "lazy", "copying", "sushy"])
    it(`boots once from a disc and is left clean (${profile})`, async () => {
      const disc = await serveDisc();
      const { peer, bmc, pool } = await openIn({ profile });
      const found = await bmc.describe();
      const slot = found.slots.find((one) => one.takesDisc)!;
      await bmc.insertMedia(slot, disc.url);
      assert.ok(holds(await bmc.readSlot(slot), disc.url));
      await bmc.bootFromDisc(found, slot, ONCE);
      assert.equal((await bmc.readState(found)).override.target, "Cd");
      await bmc.setPower(found, "on");
      await until(async () => (await bmc.readState(found)).power === "on");
      await until(() => peer.bootedFrom !== null && disc.reads.length > 0);
      assert.equal(peer.bootedFrom?.url, disc.url);
      await bmc.setPower(found, "force-off");
      await until(async () => (await bmc.readState(found)).power === "off");
      await bmc.ejectMedia(slot);
      assert.equal((await bmc.readSlot(slot)).isInserted, false);
      await bmc.bootFromDisk(found);
      assert.notEqual(peer.override.target, "Cd");
      await pool.close();
      assert.equal(peer.openSessions, 0);
    });

  for (const profile of ["generic", "sushy"])
    it(`gives no credential to whoever shows another certificate than the pinned one (${profile})`, async () => {
      const first = await openIn({ profile, tls: true });
      const pinned = { mode: "pin", fingerprint: first.peer.fingerprint! } as const;
      const { peer, bmc } = await openIn({ profile, tls: true }, { tls: pinned });
      const error = await fails(bmc.describe(), "bmc-certificate-changed");
      assert.equal(error.fingerprint, peer.fingerprint);
      assert.deepEqual(peer.requests, []);
      assert.equal(peer.refusedLogIns, 0);
    });

  it("is not trusted on its own word, and the error tells how to pin it", async () => {
    const { peer, bmc } = await openIn({ tls: true });
    const error = await fails(bmc.describe(), "bmc-certificate-untrusted");
    assert.match(error.hint!, new RegExp(`trayload node set <node> --tls-pin ${peer.fingerprint}`));
    assert.deepEqual(peer.requests, []);
  });

  it("is logged in to again when its sessions have run out, and the change is sent once", async () => {
    const { peer, bmc } = await openIn({});
    const found = await bmc.describe();
    peer.expireSessions();
    await bmc.setPower(found, "on");
    const resets = peer.requests.filter(({ path }) => path.endsWith("Reset"));
    assert.deepEqual(
      resets.map(({ status }) => status),
      [401, 204],
    );
    assert.equal(peer.actions.length, 1);
  });

  it("takes a change again with a fresh tag when somebody else has changed the slot (412)", async () => {
    const disc = await serveDisc();
    const generic = profileNamed("generic");
    const profile = variantOf("generic", {
      media: { ...generic.media, insertBy: "patch", whenInserted: "replace" },
    });
    const { peer, bmc } = await openIn({ profile });
    const slot = (await bmc.describe()).slots.find((one) => one.takesDisc)!;
    await bmc.insertMedia(slot, disc.url);
    await bmc.insertMedia(slot, `${disc.url}?again`);
    const patches = peer.requests.filter(({ method }) => method === "PATCH");
    assert.deepEqual(
      patches.map(({ status }) => status),
      [204, 412, 204],
    );
    assert.ok(patches.every(({ ifMatch }) => ifMatch !== null));
  });

  for (const verb of ["insert", "eject", "reset", "boot"] as const)
    it(`has done what it answered with a task once the verb returns (${verb})`, async () => {
      const disc = await serveDisc();
      const profile = variantOf("generic", { tasks: { verbs: [verb], retryAfter: "0" } });
      const { peer, bmc } = await openIn({ profile });
      const found = await bmc.describe();
      const slot = found.slots.find((one) => one.takesDisc)!;
      await bmc.insertMedia(slot, disc.url);
      assert.equal(peer.slot().image, disc.url);
      await bmc.bootFromDisc(found, slot, ONCE);
      assert.equal(peer.override.target, "Cd");
      await bmc.setPower(found, "on");
      assert.equal(peer.power, "On");
      await bmc.ejectMedia(slot);
      assert.equal(peer.slot().image, null);
      assert.ok(peer.requests.some(({ status }) => status === 202));
    });

  it("fails an insert with what it says when it cannot fetch the disc in its task", async () => {
    const disc = await serveDisc();
    disc.status = 404;
    const { bmc } = await openIn({ profile: "eager" });
    const slot = (await bmc.describe()).slots[0]!;
    const error = await fails(bmc.insertMedia(slot, disc.url), "bmc-rejected");
    assert.ok(!error.message.includes("/x/"), error.message);
    assert.equal((await bmc.readSlot(slot)).isInserted, false);
  });

  it("is read again past a page of HTML and a connection that was cut", async () => {
    const { peer, bmc } = await openIn({});
    const found = await bmc.describe();
    peer.failNext("GET Systems/1$", {
      status: 503,
      body: "<html>busy</html>",
      headers: { "retry-after": "0" },
    });
    peer.failNext("GET Systems/1$", { hangUp: true });
    assert.equal((await bmc.readState(found)).power, "off");
  });

  it("fails with a typed error, not a crash, for HTML in place of JSON", async () => {
    const disc = await serveDisc();
    const { peer, bmc } = await openIn({});
    const found = await bmc.describe();
    const slot = found.slots.find((one) => one.takesDisc)!;
    peer.failNext("InsertMedia", { status: 503, body: "<html>busy</html>" });
    const busy = await fails(bmc.insertMedia(slot, disc.url), "bmc-busy");
    assert.ok(busy.retryable && busy.mayHaveActed);
    peer.failNext("GET Systems/1$", { status: 200, body: "<html>log in</html>" });
    await fails(bmc.readState(found), "bmc-answer-unreadable");
  });

  it("is asked once for what changes it, however the answer is lost", async () => {
    const disc = await serveDisc();
    const { peer, bmc } = await openIn({});
    const found = await bmc.describe();
    const slot = found.slots.find((one) => one.takesDisc)!;
    peer.failNext("Reset", { hangUp: true, afterActing: true });
    assert.ok((await fails(bmc.setPower(found, "on"), "bmc-unreachable")).mayHaveActed);
    peer.failNext("InsertMedia", { hangUp: true, afterActing: true });
    assert.ok((await fails(bmc.insertMedia(slot, disc.url), "bmc-unreachable")).mayHaveActed);
    assert.deepEqual(
      peer.actions.map(({ what }) => what),
      ["reset", "insert"],
    );
    assert.equal((await bmc.readState(found)).power, "on");
  });

  it("that goes silent times out within the limit of the change", async () => {
    const { peer, bmc } = await openIn({}, {}, { changeTimeoutMs: 1_200 });
    const found = await bmc.describe();
    peer.goSilent();
    assert.ok((await fails(bmc.setPower(found, "on"), "bmc-timed-out")).mayHaveActed);
    assert.equal(peer.requests.filter(({ path }) => path.endsWith("Reset")).length, 1);
    peer.comeBack();
    assert.equal((await bmc.readState(found)).power, "off");
  });
});
