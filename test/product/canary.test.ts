import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { findSecret, formsOf } from "./canary.ts";

const SECRET = 'canary "pass/w+rd" ü';

describe("the seeker of secrets", () => {
  it("finds each form that it knows", () => {
    for (const [form, bytes] of formsOf(SECRET)) {
      const around = Buffer.concat([Buffer.from("before "), bytes, Buffer.from(" after")]);
      assert.ok(findSecret(around, SECRET).includes(form), form);
    }
  });

  it("finds it in base64 wherever it begins", () => {
    for (const before of ["", "a", "ab", "abc", "root:"]) {
      const text = Buffer.from(`${before}${SECRET}:after`).toString("base64");
      assert.notDeepEqual(findSecret(Buffer.from(text), SECRET), [], before);
    }
  });

  it("finds it in gzip, within other bytes and within gzip", () => {
    const packed = gzipSync(Buffer.concat([Buffer.from("x"), gzipSync(SECRET)]));
    const found = findSecret(Buffer.concat([Buffer.from("row "), packed, Buffer.from("next row")]), SECRET);
    assert.ok(found.includes("plain, in gzip, in gzip"), found.join());
  });

  it("finds nothing where nothing is", () => {
    assert.deepEqual(findSecret(Buffer.from("a canary of another kind"), SECRET), []);
  });
});
