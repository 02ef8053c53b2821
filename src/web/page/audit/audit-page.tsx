import { useMemo } from "preact/hooks";
import type { AuditAnswer, Page } from "../../../client/index.ts";
import { Notice } from "../parts/notice.tsx";
import { Pages } from "../parts/pages.tsx";
import { go, usePlace, useTitle } from "../parts/place.tsx";
import { useReadOnce } from "../parts/read.ts";
import { Table } from "../parts/table.tsx";
import { AuditRow } from "./audit-row.tsx";
import { AuditFilters } from "./filters.tsx";
import { auditPath, type AuditView, exportPath, readAuditView, writeAuditView } from "./view.ts";
import { Verify } from "./verify.tsx";

/** Who did what. It is read when asked for and not again and again, since each reading is an entry. */
export function AuditPage() {
  useTitle("Audit");
  const { search } = usePlace();
  const view = readAuditView(search);
  // Once for each view, though time goes on.
  const path = useMemo(() => auditPath(readAuditView(search)), [search]);
  const read = useReadOnce<Page<AuditAnswer>>(path);
  const show = (next: AuditView) => go(writeAuditView(next));
  const page = read.data;
  return (
    <>
      <div class="heading">
        <h1>Audit</h1>
        <div class="actions">
          <button type="button" onClick={read.refresh}>
            Read again
          </button>
          <a class="button" href={exportPath(view)} download="audit.jsonl">
            Export
          </a>
        </div>
      </div>
      <AuditFilters key={search} view={view} onChange={show} />
      <Verify />
      <Notice read={read} what="the audit" />
      {page?.items.length === 0 && (
        <div class="empty">
          <h2>No entry fits</h2>
          <p>Every request that could change something stands here, done or refused.</p>
        </div>
      )}
      {page !== undefined && page.items.length > 0 && (
        <Table name="Audit" columns={["When", "Who", "What", "Outcome", "From"]}>
          {page.items.map((entry) => (
            <AuditRow key={entry.seq} entry={entry} />
          ))}
        </Table>
      )}
      <Pages
        isFirst={view.cursor === ""}
        next={page?.nextCursor ?? null}
        onTurn={(cursor) => show({ ...view, cursor })}
      />
    </>
  );
}
