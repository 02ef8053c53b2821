import type { RecordView } from "../../deploy/index.ts";
import type { Sql } from "../sql.ts";

/** Views of records that lists show again and again, by those who poll them. */
export interface KnownViews {
  /** The views of these records, in the order of `ids`; those that are gone are left out. Nobody may change them. */
  of(ids: readonly string[]): Promise<RecordView[]>;
}

/** A view is some kilobytes of text, and thrice that when it is read. */
const KEPT = 1000;

/**
 * Keeps the views that were asked for last. A view is the fold of its events, so that the same version is the same view: the
 * version alone is read each time, and whole views where there is another.
 */
export function keepViews(read: Sql["read"]): KnownViews {
  const kept = new Map<string, RecordView>();

  const keep = (view: RecordView) => {
    kept.delete(view.id);
    kept.set(view.id, view);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  };

  return {
    async of(ids) {
      // PostgreSQL knows no empty list.
      if (ids.length === 0) return [];
      const versions = await read
        .selectFrom("records")
        .select(["id", "version"])
        .where("id", "in", ids)
        .execute();
      const other = versions
        .filter(({ id, version }) => kept.get(id)?.version !== version)
        .map(({ id }) => id);
      const found = new Map(ids.flatMap((id) => (kept.has(id) ? [[id, kept.get(id)!] as const] : [])));
      if (other.length > 0) {
        const rows = await read.selectFrom("records").select("view").where("id", "in", other).execute();
        for (const { view } of rows) {
          const parsed = JSON.parse(view) as RecordView;
          found.set(parsed.id, parsed);
        }
      }
      const there = new Set(versions.map(({ id }) => id));
      const views = ids.flatMap((id) => (there.has(id) ? (found.get(id) ?? []) : []));
      for (const view of views) keep(view);
      return views;
    },
  };
}
