import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rotateMasterKey } from "../../src/nodes/index.ts";
import { createLifetime } from "../../src/start/lifetime.ts";
import { openMasterKeys } from "../../src/start/keys.ts";

/** So seldom that no test sees it happen. */
const SELDOM_MS = 3_600_000;

describe("master keys that change under a server", () => {
  let folder: string;
  const warnings: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: (facts: unknown) => void warnings.push(facts),
    debug: () => undefined,
  };
  const lifetime = createLifetime({ ...log, error: () => undefined });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trayload-keys-"));
    warnings.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  after(() => lifetime.stop());

  const open = () => openMasterKeys({ masterKeyFile: undefined, dataDir: folder }, log, lifetime, SELDOM_MS);

  it("are read at once when another process has sealed under one that is not known yet", () => {
    const here = open();
    rotateMasterKey(join(folder, "master-key"), { isFirstHalf: false });
    const there = open();
    assert.notEqual(there.ids.seals, here.ids.seals);
    assert.equal(here.open(there.seal("calvin", "n"), "n"), "calvin");
    assert.equal(here.ids.seals, there.ids.seals);
  });

  it("stay as they were where their file was spoilt", () => {
    const here = open();
    const sealed = here.seal("calvin", "n");
    writeFileSync(join(folder, "master-key"), "spoilt", { mode: 0o600 });
    assert.throws(() => here.open("v1.other.AAAA", "n"), /other, which is not there/);
    assert.equal(here.open(sealed, "n"), "calvin");
    assert.equal(warnings.length, 1);
  });
});
