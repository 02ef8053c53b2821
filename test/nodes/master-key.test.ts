import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadMasterKey, NodeError } from "../../src/nodes/index.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");

describe("master key file", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trayload-"));
    file = join(folder, "master.key");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = () => loadMasterKey(file, { create: false });
  const refuses = (text: string, what: RegExp) => {
    writeFileSync(file, text, { mode: 0o600 });
    assert.throws(load, (error) => {
      assert.ok(error instanceof NodeError && error.code === "master-key-invalid");
      assert.ok(error.message.includes(file) && what.test(error.message), error.message);
      assert.ok(!error.message.includes(KEY));
      return true;
    });
  };

  it("is made once, for its owner alone", () => {
    const [made] = loadMasterKey(file, { create: true });
    assert.equal(made.bytes.length, 32);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(loadMasterKey(file, { create: true }), [made]);
    assert.deepEqual(load(), [made]);
  });

  it("holds several keys, the newest first", () => {
    writeFileSync(file, `# rotated\nk2:${KEY}\r\n\nk1:${KEY}\n`, { mode: 0o600 });
    assert.deepEqual(
      load().map(({ id }) => id),
      ["k2", "k1"],
    );
  });

  it("is refused when others can read it", () => {
    writeFileSync(file, `k1:${KEY}\n`);
    chmodSync(file, 0o640);
    assert.throws(load, /master\.key can be read by others: its mode is 640/);
  });

  it("is refused when it is missing, empty, short or misspelt", () => {
    assert.throws(load, /master\.key could not be read/);
    refuses("\n# nothing\n", /holds no key/);
    refuses(`k1:${Buffer.alloc(16).toString("base64")}\n`, /16 bytes, not 32, in line 1/);
    refuses(`k1:${KEY}\n${KEY}\n`, /in line 2/);
    refuses(`k1:${KEY}\nk1:${KEY}\n`, /two keys with the id k1/);
  });
});
