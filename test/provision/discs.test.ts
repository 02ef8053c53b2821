import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import { ISO, openSite, type Site } from "./fixture.ts";
import { until } from "../until.ts";

const SECTOR = 2048;
/** Where the tiny ISO has them, in sectors. */
const AT = { descriptor: 16, catalogue: 19, bootImage: 23, system: 900 };

describe("a disc on the provisioning listener", () => {
  let site: Site;
  let id: string;
  let path: string;
  beforeEach(async () => {
    site = await openSite();
    ({ id, path } = await site.deploy());
  });
  afterEach(() => site.close());

  const reads = async () =>
    site.parts.readCounts.load(((await site.get(id)).facts["disc"] as { id: string }).id);
  const milestones = async (): Promise<string[]> => {
    await site.look();
    const events = await site.events(id);
    return events.flatMap((event) => (event.type === "disc-read" ? [event.milestone] : []));
  };

  it("is told by HEAD, read whole, by ranges and from its end, over one connection", async () => {
    const head = await site.ask(path, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.headers["content-length"], String(ISO.length));
    assert.equal(head.headers["accept-ranges"], "bytes");
    const whole = await site.ask(path);
    assert.ok(whole.body.equals(ISO));
    const part = await site.readDisc(path, 5_000, 3_000);
    assert.equal(part.status, 206);
    assert.equal(part.headers["content-range"], `bytes 5000-7999/${ISO.length}`);
    assert.ok(part.body.equals(ISO.subarray(5_000, 8_000)));
    const end = await site.ask(path, { headers: { range: "bytes=-2048" } });
    assert.ok(end.body.equals(ISO.subarray(-2_048)));
    assert.equal(new Set([head, whole, part, end].map(({ localPort }) => localPort)).size, 1);
  });

  it("refuses what lies behind its end, and keeps to If-Range", async () => {
    const beyond = await site.readDisc(path, ISO.length, 1);
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers["content-range"], `bytes */${ISO.length}`);
    const { etag } = (await site.ask(path, { method: "HEAD" })).headers;
    const range = "bytes=0-9";
    assert.equal((await site.ask(path, { headers: { range, "if-range": etag! } })).status, 206);
    assert.equal((await site.ask(path, { headers: { range, "if-range": '"another"' } })).status, 200);
    assert.equal((await site.ask(path, { method: "DELETE" })).status, 405);
  });

  it("is found however firmware writes the path", async () => {
    for (const target of [
      `/${path}`,
      path.replace("/boot", "//boot"),
      `${path}?a=b`,
      `http://bmc.example:8090${path}`,
    ])
      assert.equal((await site.readDisc(target, 0, 1)).status, 206, target);
  });

  it("finishes a deployment by what the machine reads, step by step", async () => {
    await site.readDisc(path, AT.descriptor * SECTOR, SECTOR);
    await until(async () => (await milestones()).includes("first-byte"));
    await site.readDisc(path, AT.catalogue * SECTOR, SECTOR);
    await site.readDisc(path, AT.bootImage * SECTOR, SECTOR);
    await until(async () => (await milestones()).includes("boot-image"));
    assert.equal((await site.get(id)).state, "running");
    await site.readDisc(path, AT.system * SECTOR, 10 * SECTOR);
    await until(async () => (await milestones()).includes("beyond-boot-image"));
    const view = await site.get(id);
    assert.equal(view.state, "succeeded");
    const { how } = view.evidence.find(({ what }) => what === "first-byte")!;
    assert.match(how, /read by 127\.0\.0\.1 /);
  });

  it("wakes once for each thing that was reached, however much is read", async () => {
    for (let round = 0; round < 20; round += 1) {
      await site.readDisc(path, AT.descriptor * SECTOR, SECTOR);
      await site.readDisc(path, AT.bootImage * SECTOR, SECTOR);
    }
    await until(async () => (await reads())?.totalBytes === 40 * SECTOR);
    assert.deepEqual(await milestones(), ["first-byte", "boot-image"]);
    await site.ask(path);
    await until(async () => (await reads())?.blocksCovered === ISO.length / 65_536);
    const tenths = (await milestones()).filter((milestone) => milestone === "tenth");
    assert.ok(tenths.length >= 5 && tenths.length <= 10, `${tenths.length} tenths`);
  });

  it("counts GET alone, and says who read", async () => {
    await site.ask(path, { method: "HEAD" });
    await site.readDisc(path, ISO.length, 1);
    await site.readDisc(path, 0, 100, { from: "127.0.0.9" });
    const counted = await until(async () => await reads());
    assert.equal(counted.totalBytes, 100);
    assert.deepEqual(counted.readers, ["127.0.0.9"]);
  });

  it("merges what two replicas have sent", async () => {
    const other = await site.open();
    await site.readDisc(path, 0, 65_536);
    await until(async () => (await reads())?.totalBytes === 65_536);
    await site.readDisc(path, 65_536, 65_536, { of: other, from: "127.0.0.9" });
    await site.readDisc(path, 65_536, 65_536);
    const counted = await until(async () => {
      const now = await reads();
      return now?.totalBytes === 3 * 65_536 && now;
    });
    assert.equal(counted.blocksCovered, 2);
    assert.deepEqual(counted.readers.toSorted(), ["127.0.0.1", "127.0.0.9"]);
    assert.equal((await milestones()).filter((milestone) => milestone === "first-byte").length, 1);
  });

  it("keeps the last counts when the listener is closed", async () => {
    await site.readDisc(path, 0, 10);
    await until(async () => (await reads())?.totalBytes === 10);
    await site.readDisc(path, 0, 10);
    await site.listener.provision.close();
    assert.equal((await reads())?.totalBytes, 20);
  });

  it("ends a reader that stands still when it is closed", async () => {
    const socket = connect(site.listener.port, "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, "readable");
    const gone = once(socket, "close");
    await site.listener.provision.close(0);
    socket.resume();
    await gone;
  });

  it("is not there any more once it was withdrawn", async () => {
    assert.equal((await site.readDisc(path, 0, 1)).status, 206);
    await site.parts.exposures.expire(id, "disc", null);
    const gone = await site.readDisc(path, 0, 1);
    const unknown = await site.readDisc(`/${"0".repeat(22)}/boot.iso`, 0, 1);
    for (const { headers } of [gone, unknown]) delete headers.date;
    assert.deepEqual([gone.status, gone.headers], [404, unknown.headers]);
    assert.equal(gone.body.length, 0);
  });
});
