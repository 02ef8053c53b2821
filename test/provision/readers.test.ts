import assert from "node:assert/strict";
import { openSite, type Site } from "./fixture.ts";
import { until } from "../until.ts";

describe("who reads a disc", () => {
  let site: Site;
  afterEach(() => site.close());

  async function openFor(bmcAddress: string, changes: Parameters<typeof openSite>[0] = {}): Promise<void> {
    site = await openSite(changes);
    site.node.bmc.address = bmcAddress;
    site.node.provisionUrl = `http://10.0.0.1:${site.listener.port}`;
  }
  const readsOf = async (id: string) =>
    site.parts.readCounts.load(((await site.get(id)).facts["disc"] as { id: string }).id);

  it("is not the machine when it is ourselves, and then counts for nothing", async () => {
    await openFor("https://10.0.7.21");
    const { id, path } = await site.deploy();
    assert.equal((await site.readDisc(path, 0, 100)).status, 206);
    await site.listener.provision.close();
    assert.equal(await readsOf(id), undefined);
    assert.match(site.logged.join("\n"), /read by ourselves/);
  });

  it("is the machine when the BMC is on one of our own addresses", async () => {
    await openFor("https://lab.example", { resolve: async () => ["10.9.9.9"], isOwnAddress: () => true });
    const { id, path } = await site.deploy();
    await site.readDisc(path, 0, 100);
    assert.equal((await until(async () => readsOf(id))).totalBytes, 100);
  });

  it("may be the BMC alone where it is told so", async () => {
    await openFor("https://bmc.example", {
      discSources: "bmc",
      resolve: async () => ["::ffff:127.0.0.7"],
      // Addresses of the loopback network stand for three hosts.
      isOwnAddress: (address) => address === "127.0.0.1",
    });
    const { id, path } = await site.deploy();
    const refused = await site.readDisc(path, 0, 100, { from: "127.0.0.8" });
    assert.equal(refused.status, 404);
    assert.equal((await site.ask(path, { method: "HEAD", from: "127.0.0.8" })).status, 404);
    assert.equal((await site.readDisc(path, 0, 100, { from: "127.0.0.7" })).status, 206);
    assert.deepEqual((await until(async () => readsOf(id))).readers, ["127.0.0.7"]);
    assert.match(site.logged.join("\n"), /refused .*127\.0\.0\.8/);
  });

  it("is refused where the BMC's name leads nowhere", async () => {
    await openFor("https://bmc.example", {
      discSources: "bmc",
      resolve: () => Promise.reject(new Error("no such name")),
    });
    const { path } = await site.deploy();
    assert.equal((await site.readDisc(path, 0, 100)).status, 503);
  });

  it("is named alike whether the listener has one address or all of them", async () => {
    await openFor("http://127.0.0.1:8000");
    const everywhere = await site.open({}, {});
    const { id, path } = await site.deploy();
    await site.readDisc(path, 0, 100, { of: everywhere });
    assert.deepEqual((await until(async () => readsOf(id))).readers, ["127.0.0.1"]);
  });
});
