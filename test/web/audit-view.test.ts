import assert from "node:assert/strict";
import { auditPath, exportPath, readAuditView, writeAuditView } from "../../src/web/page/audit/view.ts";

const NOW_MS = Date.parse("2026-01-02T12:34:56.789Z");

describe("the audit's view in the URL", () => {
  it("is written and read back the same", () => {
    const search = "?who=pipeline&action=PATCH+%2Fv1%2Fnodes%2F%7Bid%7D&outcome=refused&since=day&cursor=7";
    assert.equal(writeAuditView(readAuditView(search)), `/audit${search}`);
    assert.equal(writeAuditView(readAuditView("")), "/audit");
  });

  it("asks for the same within a minute, since each reading is an entry", () => {
    const view = readAuditView("?who=pipeline&since=hour");
    const path = "/v1/audit?who=pipeline&since=2026-01-02T11%3A34%3A00.000Z&limit=50";
    assert.equal(auditPath(view, NOW_MS), path);
    assert.equal(auditPath(view, NOW_MS + 3_000), path);
  });

  it("exports all that fits, whichever page is shown", () => {
    assert.equal(
      exportPath(readAuditView("?cursor=7&target=%2Fv1%2Fnodes"), NOW_MS),
      "/v1/audit/export?target=%2Fv1%2Fnodes",
    );
    assert.equal(exportPath(readAuditView(""), NOW_MS), "/v1/audit/export");
  });
});
