import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { CODES } from "../../src/api/problem.ts";
import { failureCode } from "../../src/api/schemas/failure-code.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const page = readFileSync(join(DOCS, "operations.md"), "utf8");
const [before, codes] = page.split("## Troubleshoot by error code") as [string, string];

/** What stands in code in the first cells of tables. */
const rowsOf = (text: string) =>
  [...text.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!),
  );

describe("docs/operations.md", () => {
  it("has one row for each code that the API's description has, and no other", () => {
    const known = failureCode.meta()?.enum as string[];
    assert.ok(known.length > Object.keys(CODES).length);
    assert.deepEqual(rowsOf(codes).toSorted(), [...new Set(known)].toSorted());
  });

  it("says what to do about each alert", () => {
    const { groups } = parse(readFileSync(join(DOCS, "monitoring/alerts.yaml"), "utf8")) as {
      groups: { rules: { alert: string }[] }[];
    };
    const told = rowsOf(before);
    for (const { alert } of groups.flatMap(({ rules }) => rules)) assert.ok(told.includes(alert), alert);
  });
});
