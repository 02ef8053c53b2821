import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import type { Database } from "../../src/database/index.ts";
import type { DiscReads } from "../../src/images/index.ts";
import { until } from "../until.ts";

const DISC = { sizeBytes: 0, extents: [] } as never;
const USE = { tokenId: "tok_1", route: "POST /v1/deployments", key: "k" };
const ANSWER = { status: 202, headers: { location: "/v1/deployments/dep_1" }, body: "{}" };

const READS: DiscReads = {
  firstReadAt: "2026-01-01T00:00:00.000Z",
  lastReadAt: "2026-01-01T00:00:01.000Z",
  totalBytes: 65536,
  blocksCovered: 1,
  blocks: 4,
  coverage: "0-0",
  catalogueReadAt: null,
  bootImageReadAt: null,
  beyondReadAt: null,
  bootReads: [],
  bytesPerSecond: 65536,
  readers: ["10.0.7.21"],
};

/** What every database must do for the smaller ports. `open` gives an empty one. */
export function portsContract(open: () => Promise<Database>): void {
  let database: Database;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());

  describe("exposures", () => exposures(() => database));
  describe("read counts", () => readCounts(() => database));
  describe("idempotency", () => idempotency(() => database));
  describe("parts of requests", () => requestBlobs(() => database));
  it("tells its time, and what it is without asking", async () => {
    const asked = await database.now();
    const told = database.clock();
    assert.ok(Math.abs(told - asked) < 100, `${told} is not ${asked}`);
  });
}

/** Nothing is hidden; what is bound to what is seen. */
const SEALS = {
  seal: (plain: string, boundTo: string) => JSON.stringify([boundTo, plain]),
  open(sealed: string, boundTo: string) {
    const [bound, plain] = JSON.parse(sealed) as [string, string];
    assert.equal(bound, boundTo);
    return plain;
  },
};

function requestBlobs(database: () => Database): void {
  it("are kept whole, whatever their size", async () => {
    const blobs = database().requestBlobs(SEALS);
    for (const sizeBytes of [1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 3_000_000]) {
      const content = randomBytes(sizeBytes);
      const added = await blobs.add(content);
      assert.deepEqual(await blobs.find(added.id), added);
      assert.equal(added.digest, `sha256:${createHash("sha256").update(content).digest("hex")}`);
      assert.ok((await blobs.read(added.id))!.equals(content));
    }
    assert.equal(await blobs.read("blob_none"), undefined);
  });

  it("are gone after a day, unless somebody keeps them longer", async () => {
    const blobs = database().requestBlobs(SEALS);
    const { id, expiresAt } = await blobs.add(Buffer.from("x"));
    const dayMs = 24 * 3600 * 1000;
    assert.ok(Math.abs(Date.parse(expiresAt) - (await database().now()) - dayMs) < 5_000);
    assert.equal(await blobs.keep(id, 1), true);
    assert.equal((await blobs.find(id))!.expiresAt, expiresAt, "keeping shortens nothing");
    await blobs.keep(id, 2 * dayMs);
    assert.ok(Date.parse((await blobs.find(id))!.expiresAt) > Date.parse(expiresAt) + dayMs / 2);
    assert.equal(await blobs.keep("blob_none", 1), false);
    await database().sweep();
    assert.ok((await blobs.read(id))!.equals(Buffer.from("x")));
  });
}

function exposures(database: () => Database): void {
  const at = async (ms: number) => new Date((await database().now()) + ms).toISOString();

  it("are found until their time, each kind by itself", async () => {
    const { exposures: store } = database();
    const disc = { kind: "disc", secretHash: "d", recordId: "r", disc: DISC, bmcHost: "10.0.7.21" } as const;
    const callback = { kind: "callback", secretHash: "c", recordId: "r" } as const;
    await store.publish(disc);
    await store.publish(callback);
    assert.deepEqual(await store.find("d"), disc);
    await store.expire("r", "disc", await at(60_000));
    assert.deepEqual(await store.find("d"), disc);
    await store.expire("r", "disc", await at(30));
    await until(async () => (await store.find("d")) === undefined);
    assert.deepEqual(await store.find("c"), callback);
    assert.equal(await store.find("nothing"), undefined);
  });

  it("end at once without a time, and begin anew when published again", async () => {
    const { exposures: store } = database();
    const callback = { kind: "callback", secretHash: "c", recordId: "r" } as const;
    await store.publish(callback);
    await store.expire("r", "callback", null);
    assert.equal(await store.find("c"), undefined);
    await store.publish({ ...callback, recordId: "r2" });
    assert.deepEqual(await store.find("c"), { ...callback, recordId: "r2" });
  });
}

function readCounts(database: () => Database): void {
  it("are replaced for one process and merged over all", async () => {
    const { readCounts: store } = database();
    assert.equal(await store.load("disc"), undefined);
    await store.save("disc", "p1", { ...READS, totalBytes: 1 });
    await store.save("disc", "p1", READS);
    assert.deepEqual(await store.load("disc"), READS);
    await store.save("disc", "p2", { ...READS, coverage: "2-3", blocksCovered: 2, totalBytes: 131072 });
    const merged = await store.load("disc");
    assert.deepEqual([merged?.totalBytes, merged?.blocksCovered], [196608, 3]);
  });
}

function idempotency(database: () => Database): void {
  it("gives one of many the work and the others its answer", async () => {
    const { idempotency: store } = database();
    const all = await Promise.all([1, 2, 3, 4].map(() => store.begin(USE, "hash")));
    assert.deepEqual(all.map(({ state }) => state).toSorted(), [
      "in-progress",
      "in-progress",
      "in-progress",
      "new",
    ]);
    await store.finish(USE, ANSWER);
    assert.deepEqual(await store.begin(USE, "hash"), { state: "replay", ...ANSWER });
    assert.deepEqual(await store.begin(USE, "other"), { state: "mismatch" });
    assert.deepEqual(await store.begin({ ...USE, tokenId: "tok_2" }, "other"), { state: "new" });
  });

  it("forgets what was abandoned, and nothing that was answered", async () => {
    const { idempotency: store } = database();
    await store.begin(USE, "hash");
    await store.abandon(USE);
    assert.deepEqual(await store.begin(USE, "other"), { state: "new" });
    await store.finish(USE, ANSWER);
    await store.abandon(USE);
    assert.equal((await store.begin(USE, "other")).state, "replay");
  });
}
