import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type Lab, startLab } from "../bmc-simulator/index.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { makeKernel } from "../images/inspect/programs.ts";
import { nodeOf } from "../product/fixture.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";
import { openSite, type Replica, type Site } from "./site.ts";
import { until } from "../until.ts";

const RAMDISK = gzipSync(randomBytes(3 * 2 ** 20), { level: 0 });
/** The same length, so that only what is in it tells the two apart. */
const OTHER_RAMDISK = gzipSync(randomBytes(3 * 2 ** 20), { level: 0 });
const hexOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("one disc, served by processes that have no folder in common", () => {
  let server: PostgresServer;
  let lab: Lab;
  let kernel: FileServer;
  let ramdisk: FileServer;
  let site: Site;
  /** The disc's path below any replica, and its bytes as the first one serves them. */
  let path: string;
  let disc: Buffer;
  let etag: string;

  before(async function () {
    this.timeout(60_000);
    needPostgres(this);
    server = await startPostgres();
    lab = await startLab();
    kernel = await startFileServer(makeKernel("x86_64"));
    ramdisk = await startFileServer(RAMDISK);
    site = await openSite(server.url);
    await deploy();
    const whole = await fetch(`${site.replicas[0].origin}${path}`);
    disc = Buffer.from(await whole.arrayBuffer());
    etag = whole.headers.get("etag")!;
  });
  after(async () => {
    await site?.stop();
    await Promise.all([ramdisk?.stop(), kernel?.stop(), lab?.stop()]);
    await server?.remove();
  });

  /** Has a disc composed by the process that serves none, and a machine boot from it. */
  async function deploy(): Promise<void> {
    const bmc = lab.bmcs[0]!;
    assert.equal((await site.api.call("POST", "/v1/nodes", nodeOf(bmc, lab))).status, 201);
    const boot = { kernel: { url: kernel.url }, ramdisk: { url: ramdisk.url } };
    const asked = { node: bmc.name, boot, finish: "powered-on", eject: "never" };
    const { body } = await site.api.call("POST", "/v1/deployments", asked);
    const ended = await site.api.patiently(async () => {
      const asked = await site.api.call("GET", `/v1/deployments/${body.id}?until=final&waitMs=30000`);
      return asked.body.final ? asked.body : undefined;
    });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended));
    path = new URL(bmc.slot().image!).pathname;
  }

  const read = (replica: Replica, start: number, end: number, headers = {}) =>
    fetch(`${replica.origin}${path}`, { headers: { range: `bytes=${start}-${end - 1}`, ...headers } });

  async function assertServes(replica: Replica, start: number, end: number): Promise<void> {
    const answer = await read(replica, start, end);
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.deepEqual([answer.status, answer.headers.get("etag")], [206, etag]);
    assert.ok(bytes.equals(disc.subarray(start, end)), `bytes ${start} to ${end} differ`);
  }

  /** Within a sector, over the borders of the ramdisk on the disc, at both ends and anywhere. */
  function ranges(): [number, number][] {
    const at = disc.indexOf(RAMDISK);
    const borders = [0, at, at + RAMDISK.length, disc.length];
    const around = borders.map((border) => [Math.max(0, border - 700), Math.min(disc.length, border + 700)]);
    const anywhere = Array.from({ length: 40 }, () => {
      const start = Math.floor(Math.random() * (disc.length - 1));
      return [start, Math.min(disc.length, start + 1 + Math.floor(Math.random() * 300_000))];
    });
    return [...around, [0, disc.length], ...anywhere] as [number, number][];
  }

  it("is answered in any range with the same bytes and ETag, though none of them had the images before", async () => {
    const [first, second] = site.replicas;
    assert.match(etag, /^"/);
    assert.ok(disc.includes(RAMDISK) && disc.includes(kernel.content));
    assert.deepEqual(second.blobs(), []);
    for (const [start, end] of ranges())
      await Promise.all([assertServes(second, start, end), assertServes(first, start, end)]);
    assert.deepEqual(second.blobs().toSorted(), first.blobs().toSorted());
    const begun = await read(second, 0, 10, { "if-range": etag });
    assert.deepEqual([begun.status, (await begun.arrayBuffer()).byteLength], [206, 10]);
  });

  it("is fetched again under the same digests by one that lost its blobs", async () => {
    const [, second] = site.replicas;
    const had = second.blobs().toSorted();
    assert.ok(had.includes(hexOf(RAMDISK)));
    await second.stop();
    second.loseBlobs();
    await second.start();
    assert.deepEqual(second.blobs(), []);
    const before = ramdisk.requests.length;
    for (const [start, end] of ranges()) await assertServes(second, start, end);
    assert.ok(ramdisk.requests.length > before, "nothing was asked of the source");
    assert.deepEqual(second.blobs().toSorted(), had);
  });

  it("is never served from a source that sends other bytes, and is as soon as it has the right ones", async function () {
    this.timeout(60_000);
    const [first, , third] = site.replicas;
    const at = disc.indexOf(RAMDISK);
    Object.assign(ramdisk, { content: OTHER_RAMDISK, etag: '"two"' });
    await third.start();
    const before = ramdisk.requests.length;
    const refused = await read(third, at, at + 4_096);
    assert.deepEqual([refused.status, (await refused.arrayBuffer()).byteLength], [503, 0]);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.ok(ramdisk.requests.length > before, "nothing was asked of the source");
    assert.ok(!third.blobs().includes(hexOf(OTHER_RAMDISK)), "what nobody asked for was kept");
    await assertServes(first, at, at + 4_096);
    Object.assign(ramdisk, { content: RAMDISK, etag: '"one"' });
    await until(async () => (await read(third, at, at + 4_096)).status !== 503);
    for (const [start, end] of ranges()) await assertServes(third, start, end);
    assert.deepEqual(third.blobs().toSorted(), first.blobs().toSorted());
  });
});
