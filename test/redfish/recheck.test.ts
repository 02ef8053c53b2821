import assert from "node:assert/strict";
import { type Bmc, type BmcDescription, createBmcPool } from "../../src/redfish/index.ts";
import { type Lab, type Profile, startLab, variantOf } from "../bmc-simulator/index.ts";

describe("a BMC that was described before", () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  async function open(profile: Profile | string = "generic") {
    const lab: Lab = await startLab({ profile });
    const [peer] = lab.bmcs;
    const pool = createBmcPool();
    ends.push(
      () => pool.close(),
      () => lab.stop(),
    );
    const { address, username, password } = peer!;
    const credentials = { username, password };
    const bmc = pool.open({ address, credentials, tls: { mode: "verify" }, systemId: null });
    return { peer: peer!, bmc };
  }

  /** What it is after it went through the database. */
  const kept = (description: BmcDescription) => JSON.parse(JSON.stringify(description)) as BmcDescription;

  async function asks(peer: Lab["bmcs"][number], bmc: Bmc, description: BmcDescription) {
    peer.forgetLogs();
    const found = await bmc.recheck(kept(description));
    return { found, asked: peer.requests.map(({ method, path }) => `${method} ${path}`) };
  }

  it("is looked at with one read of the system and one of its disc slot", async () => {
    const { peer, bmc } = await open();
    const before = await bmc.describe();
    await bmc.setPower(before, "on");
    const { found, asked } = await asks(peer, bmc, before);
    assert.equal(found?.state.power, "on");
    assert.deepEqual(asked.toSorted(), [
      "GET /redfish/v1/Managers/BMC/VirtualMedia/Cd",
      "GET /redfish/v1/Systems/1",
    ]);
  });

  it("is to be described anew when other rows may fit it, without a word to it", async () => {
    const { peer, bmc } = await open();
    const before = await bmc.describe();
    const { found, asked } = await asks(peer, bmc, { ...before, rowsDigest: "of an older release" });
    assert.deepEqual([found, asked], [undefined, []]);
  });

  it("gives several slots of one collection in one read where it can", async () => {
    const { peer, bmc } = await open("eager");
    const { found, asked } = await asks(peer, bmc, await bmc.describe());
    assert.equal(found?.slots.length, 2);
    assert.ok(found.slots.every(({ etag }) => etag?.startsWith("W/")));
    assert.deepEqual(asked.toSorted(), [
      "GET /redfish/v1/Systems/1",
      "GET /redfish/v1/Systems/1/VirtualMedia",
    ]);
  });

  it("is to be described anew when it is another machine, or has other actions or slots", async () => {
    const { bmc } = await open();
    const before = await bmc.describe();
    const others: BmcDescription[] = [
      { ...before, system: { ...before.system, serialNumber: "another" } },
      { ...before, system: { ...before.system, biosVersion: "2.0" } },
      { ...before, reset: { ...before.reset, target: "/elsewhere" } },
      { ...before, slots: before.slots.map((slot) => ({ ...slot, insertTarget: "/elsewhere" })) },
      { ...before, slots: before.slots.map((slot) => ({ ...slot, path: `${slot.path}-gone` })) },
    ];
    for (const other of others) assert.equal(await bmc.recheck(kept(other)), undefined);
    assert.notEqual(await bmc.recheck(kept(before)), undefined);
  });
});

describe("slots that each cost a request", () => {
  it("are read from the likeliest on until one takes a disc, or all of them on demand", async () => {
    const lab = await startLab({ profile: "lenovo-xcc" });
    const pool = createBmcPool();
    try {
      const [{ address, username, password, requests }] = lab.bmcs as [Lab["bmcs"][number]];
      const credentials = { username, password };
      const bmc = pool.open({ address, credentials, tls: { mode: "verify" }, systemId: null });
      const { slots, quirks } = await bmc.describe();
      const read = requests.flatMap(({ path }) => /VirtualMedia\/(.*)/.exec(path)?.[1] ?? []);
      assert.deepEqual(read, ["EXT1"]);
      assert.deepEqual(
        slots.map(({ id }) => id),
        ["EXT1"],
      );
      assert.deepEqual(
        quirks.map(({ name }) => name),
        ["lenovo-ext-slots"],
      );
      assert.equal((await bmc.describe({ everySlot: true })).slots.length, 10);
    } finally {
      await pool.close();
      await lab.stop();
    }
  });
});

describe("collections that come with their members", () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  async function describeOf(profile: Profile, refuseExpand = false) {
    const lab = await startLab({ profile });
    const [peer] = lab.bmcs;
    const pool = createBmcPool();
    ends.push(
      () => pool.close(),
      () => lab.stop(),
    );
    if (refuseExpand) {
      peer!.failNext("GET /redfish/v1/Systems$", { status: 501 });
      peer!.failNext("GET VirtualMedia$", { status: 400 });
    }
    const { address, username, password } = peer!;
    const credentials = { username, password };
    const bmc = pool.open({ address, credentials, tls: { mode: "verify" }, systemId: null });
    const description = await bmc.describe({ everySlot: true });
    return { description, requests: peer!.requests };
  }

  it("are read in one request each where the service offers it, and tell the same", async () => {
    const { description, requests } = await describeOf(variantOf("generic", { expands: true }));
    const plain = await describeOf(variantOf("generic", { expands: false }));
    const expanded = requests.filter(({ query }) => query !== "");
    assert.deepEqual(
      expanded.map(({ path }) => path),
      ["/redfish/v1/Systems", "/redfish/v1/Managers/BMC/VirtualMedia"],
    );
    assert.equal(requests.length, plain.requests.length - 3);
    const bare = ({ id, path, takesDisc, insertTarget }: BmcDescription["slots"][number]) => ({
      id,
      path,
      takesDisc,
      insertTarget,
    });
    assert.deepEqual(description.slots.map(bare), plain.description.slots.map(bare));
  });

  it("are read one by one where the service refuses what it offered", async () => {
    const { description, requests } = await describeOf(variantOf("generic", { expands: true }), true);
    assert.equal(description.slots.length, 2);
    assert.ok(requests.some(({ path, query }) => path === "/redfish/v1/Systems" && query === ""));
  });
});
