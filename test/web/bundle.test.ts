import assert from "node:assert/strict";
import { createPage } from "../../src/web/index.ts";

describe("the dashboard's files", () => {
  it("are under 100 kB together, packed, and fit their names", async () => {
    const files = await createPage().files();
    const html = files.get("/")!.bodies.identity.toString();
    const named = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    assert.deepEqual(new Set(named), new Set([...files.keys()].filter((path) => path !== "/")));
    const packed = [...files.values()].reduce((sum, { bodies }) => sum + bodies.gzip.length, 0);
    assert.ok(packed < 100_000, `${packed} bytes`);
  });

  it("are kept for ever but for the page, whose path stays the same", async () => {
    const files = await createPage().files();
    assert.deepEqual(
      [...files].filter(([, { isForever }]) => !isForever).map(([path]) => path),
      ["/"],
    );
    for (const path of files.keys()) assert.match(path, /^\/$|^\/assets\/\w+-[0-9a-f]{12}\.(js|css|svg)$/);
  });

  it("need nothing of other hosts, and nothing that a strict policy forbids", async () => {
    const files = await createPage().files();
    const html = files.get("/")!.bodies.identity.toString();
    assert.doesNotMatch(html, /<style|style="|\son\w+="|<script(?![^>]*src=)/);
    for (const [path, { bodies }] of files) {
      const addresses = [...bodies.identity.toString().matchAll(/https?:\/\/[^\s"'`)<]+/g)].map(
        ([found]) => found,
      );
      const strangers = addresses.filter(
        (found) => !/^http:\/\/www\.w3\.org\/|^https:\/\/images\.example|^https:\/\/10\./.test(found),
      );
      assert.deepEqual(strangers, [], path);
    }
  });
});
