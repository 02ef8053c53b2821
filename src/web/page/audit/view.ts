/** What the audit page shows; it lives in the URL. */
export interface AuditView {
  who: string;
  action: string;
  target: string;
  outcome: string;
  /** How far back, as one of `SPANS`; "" for all. */
  since: string;
  cursor: string;
}

const HOUR_MS = 3_600_000;

/** Names of spans with their lengths. */
export const SPANS: Readonly<Record<string, number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
};

const NAMES = ["who", "action", "target", "outcome", "since", "cursor"] as const;

export function readAuditView(search: string): AuditView {
  const given = new URLSearchParams(search);
  return Object.fromEntries(NAMES.map((name) => [name, given.get(name) ?? ""])) as unknown as AuditView;
}

/** The page's own URL for a view. */
export function writeAuditView(view: AuditView): string {
  const set = NAMES.filter((name) => view[name] !== "").map((name) => [name, view[name]] as [string, string]);
  return set.length === 0 ? "/audit" : `/audit?${new URLSearchParams(set)}`;
}

const PAGE_SIZE = "50";
const MINUTE_MS = 60_000;

/** What the API is asked for. @param nowMs to the minute, so that the same view asks for the same */
function conditions({ since, cursor: _cursor, ...view }: AuditView, nowMs: number): URLSearchParams {
  const asked = new URLSearchParams(Object.entries(view).filter(([, value]) => value !== ""));
  const span = SPANS[since];
  const fromMs = Math.floor((nowMs - (span ?? 0)) / MINUTE_MS) * MINUTE_MS;
  if (span !== undefined) asked.set("since", new Date(fromMs).toISOString());
  return asked;
}

export function auditPath(view: AuditView, nowMs = Date.now()): string {
  const asked = conditions(view, nowMs);
  if (view.cursor !== "") asked.set("cursor", view.cursor);
  asked.set("limit", PAGE_SIZE);
  return `/v1/audit?${asked}`;
}

export function exportPath(view: AuditView, nowMs = Date.now()): string {
  const asked = conditions(view, nowMs);
  return asked.size === 0 ? "/v1/audit/export" : `/v1/audit/export?${asked}`;
}
