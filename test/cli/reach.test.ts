import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RIGHTS } from "../../src/api/access/roles.ts";

/** What people have other ways to, or none need on a command line. */
const ELSEWHERE = [
  "POST /v1/session",
  "DELETE /v1/session",
  "GET /metrics",
  "GET /openapi.json",
  "GET /docs",
];

describe("every resource", () => {
  const sources = globSync(join(import.meta.dirname, "../../src/cli/**/*.ts")).map((file) =>
    readFileSync(file, "utf8"),
  );
  const text = sources.join("\n");

  for (const name of Object.keys(RIGHTS).filter((one) => !ELSEWHERE.includes(one)))
    it(`${name} can be reached by the command line`, () => {
      const last = name.split("/").findLast((part) => !part.startsWith("{"))!;
      assert.match(text, new RegExp(`[/"]${last}\\b`), `nothing asks for …/${last}`);
    });
});
