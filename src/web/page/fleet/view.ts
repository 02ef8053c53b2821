import type { NodeState } from "../../../client/index.ts";

/** What the fleet page shows; it lives in the URL, so that a view can be kept and sent to others. */
export interface FleetView {
  text: string;
  state: NodeState | "";
  power: string;
  health: string;
  /** A column, with `-` before it when the order is turned round. */
  sort: string;
  /** From 1. */
  page: number;
}

export const PAGE_SIZE = 50;

const STATES: readonly string[] = ["deployable", "deploying", "inspecting", "cleaning", "deployed", "failed"];
const SORTS: readonly string[] = ["name", "address", "model", "state", "power", "health", "deployed"];

export function readView(search: string): FleetView {
  const given = new URLSearchParams(search);
  const state = given.get("state") ?? "";
  const sort = given.get("sort") ?? "";
  const page = Number(given.get("page"));
  return {
    text: given.get("text") ?? "",
    state: STATES.includes(state) ? (state as NodeState) : "",
    power: given.get("power") ?? "",
    health: given.get("health") ?? "",
    sort: SORTS.includes(sort.replace(/^-/, "")) ? sort : "name",
    page: Number.isInteger(page) && page >= 1 && page <= 20_000 ? page : 1,
  };
}

/** The page's own URL for a view; what is as usual is left out. */
export function writeView(view: FleetView): string {
  const search = new URLSearchParams(conditions(view));
  if (view.sort !== "name") search.set("sort", view.sort);
  if (view.page !== 1) search.set("page", String(view.page));
  return search.size === 0 ? "/" : `/?${search}`;
}

/** What the API is asked for. */
export function queryOf(view: FleetView): string {
  const search = new URLSearchParams(conditions(view));
  search.set("sort", view.sort);
  search.set("limit", String(PAGE_SIZE));
  search.set("offset", String((view.page - 1) * PAGE_SIZE));
  return `/v1/nodes?${search}`;
}

export function isNarrowed(view: FleetView): boolean {
  return Object.keys(conditions(view)).length > 0;
}

function conditions({ text, state, power, health }: FleetView): Record<string, string> {
  const all = { text: text.trim(), state, power, health };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

/** A column asked for again is turned round. */
export function sortBy(view: FleetView, column: string): FleetView {
  return { ...view, sort: view.sort === column ? `-${column}` : column, page: 1 };
}
