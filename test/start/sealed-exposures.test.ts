import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../src/database/index.ts";
import type { ExposedDisc, Exposures } from "../../src/deploy/index.ts";
import { createSecretBox } from "../../src/nodes/index.ts";
import { sealExposures } from "../../src/start/sealed-exposures.ts";
import { findSecret } from "../product/canary.ts";

const CANARY = "canary-file-of-one-node";
const base64 = Buffer.from(CANARY).toString("base64");
const DISC: ExposedDisc = {
  kind: "disc",
  secretHash: "ab".repeat(32),
  recordId: "dep_1",
  bmcHost: "10.0.0.1",
  disc: {
    id: "disc_1",
    sizeBytes: 2048 + CANARY.length,
    etag: "tag",
    extents: [
      { kind: "bytes", base64, length: CANARY.length },
      { kind: "blob", digest: "sha256:00", offset: 0, length: 2048 },
    ],
    boot: { catalogue: { start: 0, end: 0 }, images: [] },
  },
};

describe("a disc's own bytes at rest", () => {
  let folder: string;
  let database: Database;
  let exposures: Exposures;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "trayload-sealed-"));
    database = await openDatabase({ folder });
    exposures = sealExposures(database.exposures, createSecretBox([{ id: "k", bytes: Buffer.alloc(32, 7) }]));
  });
  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  it("cannot be read, and come back whole", async () => {
    await exposures.publish(DISC);
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
    assert.deepEqual(findSecret(Buffer.concat(files), CANARY), []);
    assert.deepEqual(await exposures.find(DISC.secretHash), DISC);
  });

  it("open for their own disc only", async () => {
    await exposures.publish(DISC);
    const kept = (await database.exposures.find(DISC.secretHash)) as ExposedDisc;
    await database.exposures.publish({ ...kept, disc: { ...kept.disc, id: "disc_2" } });
    await assert.rejects(exposures.find(DISC.secretHash), { code: "secret-unreadable" });
  });

  it("are no matter where there are none", async () => {
    const plain = { ...DISC, disc: { ...DISC.disc, extents: DISC.disc.extents.slice(1) } };
    await exposures.publish(plain);
    assert.deepEqual(await database.exposures.find(DISC.secretHash), plain);
    assert.deepEqual(await exposures.find(DISC.secretHash), plain);
  });
});
