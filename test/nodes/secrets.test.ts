import assert from "node:assert/strict";
import { createSecretBox, NodeError } from "../../src/nodes/index.ts";

const key = (id: string, fill: number) => ({ id, bytes: Buffer.alloc(32, fill) });
const isUnreadable = (error: unknown) => error instanceof NodeError && error.code === "secret-unreadable";

describe("secret box", () => {
  it("opens what it sealed, each time sealed differently", () => {
    const box = createSecretBox([key("k1", 1)]);
    const sealed = box.seal("calvin é", "node_1");
    assert.equal(box.open(sealed, "node_1"), "calvin é");
    assert.match(sealed, /^v1\.k1\./);
    assert.notEqual(sealed, box.seal("calvin é", "node_1"));
    assert.equal(box.open(box.seal("", "node_1"), "node_1"), "");
  });

  it("does not open what was sealed for another record", () => {
    const box = createSecretBox([key("k1", 1)]);
    assert.throws(() => box.open(box.seal("calvin", "node_1"), "node_2"), isUnreadable);
  });

  it("does not open what was changed, cut or made up", () => {
    const box = createSecretBox([key("k1", 1)]);
    const sealed = box.seal("calvin", "node_1");
    const bytes = Buffer.from(sealed.split(".")[2]!, "base64url");
    for (const [index] of bytes.entries()) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      assert.throws(() => box.open(`v1.k1.${changed.toString("base64url")}`, "node_1"), isUnreadable);
    }
    for (const text of ["", "v1", "v1.k1", "v1.k1.", "v1.k1.AAAA", sealed.replace("v1", "v2")])
      assert.throws(() => box.open(text, "node_1"), isUnreadable, text);
  });

  it("seals under the first key and opens under all", () => {
    const old = createSecretBox([key("k1", 1)]);
    const both = createSecretBox([key("k2", 2), key("k1", 1)]);
    assert.equal(both.open(old.seal("calvin", "n"), "n"), "calvin");
    assert.match(both.seal("calvin", "n"), /^v1\.k2\./);
    assert.throws(() => old.open(both.seal("calvin", "n"), "n"), /key k2, which is not there/);
  });

  it("tells an error without the secret", () => {
    const box = createSecretBox([key("k1", 1)]);
    const sealed = box.seal("calvin", "node_1");
    const error = capture(() => box.open(sealed, "node_2"));
    assert.doesNotMatch(String(error.stack) + JSON.stringify(error), /calvin/);
  });

  it("derives the same bytes for a purpose, though a newer key is put before", () => {
    const old = createSecretBox([key("k1", 1)]);
    const both = createSecretBox([key("k2", 2), key("k1", 1)]);
    assert.equal(old.derive("disc/dep_1/1").length, 32);
    assert.deepEqual(both.derive("disc/dep_1/1"), old.derive("disc/dep_1/1"));
    assert.notDeepEqual(old.derive("disc/dep_1/2"), old.derive("disc/dep_1/1"));
  });
});

function capture(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  return assert.fail("nothing was thrown");
}
