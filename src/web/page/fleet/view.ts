import type { NodeState } from "../../../client/index.ts";
import { readPairs, showPairs } from "../words.ts";

/** What the fleet page shows; it lives in the URL, so that a view can be kept and sent to others. */
export interface FleetView {
  text: string;
  state: NodeState | "";
  power: string;
  health: string;
  /** Labels that must all be there, like `role=worker, row=1`. */
  labels: string;
  /** A column, with `-` before it when the order is turned round. */
  sort: string;
  /** The row at the top, from 0. */
  at: number;
}

const STATES: readonly string[] = ["deployable", "deploying", "inspecting", "cleaning", "deployed", "failed"];
const SORTS: readonly string[] = ["name", "address", "model", "state", "power", "health", "deployed"];
/** The furthest row that the API goes to. */
const LAST_ROW = 1_000_000;

export function readView(search: string): FleetView {
  const given = new URLSearchParams(search);
  const state = given.get("state") ?? "";
  const sort = given.get("sort") ?? "";
  const at = Number(given.get("at"));
  return {
    text: given.get("text") ?? "",
    state: STATES.includes(state) ? (state as NodeState) : "",
    power: given.get("power") ?? "",
    health: given.get("health") ?? "",
    labels: given.get("labels") ?? "",
    sort: SORTS.includes(sort.replace(/^-/, "")) ? sort : "name",
    at: Number.isInteger(at) && at > 0 && at < LAST_ROW ? at : 0,
  };
}

/** The page's own URL for a view; what is as usual is left out. */
export function writeView(view: FleetView): string {
  const search = new URLSearchParams(conditions(view));
  if (view.sort !== "name") search.set("sort", view.sort);
  if (view.at !== 0) search.set("at", String(view.at));
  return search.size === 0 ? "/" : `/?${search}`;
}

/** What the API is asked for: so many rows from one on. */
export function queryOf(view: FleetView, from: number, count: number): string {
  const { labels, ...narrow } = conditions(view);
  const search = new URLSearchParams(narrow);
  for (const [name, value] of Object.entries(readPairs(labels ?? "")))
    search.append("label", `${name}:${value}`);
  search.set("sort", view.sort);
  search.set("limit", String(count));
  search.set("offset", String(from));
  return `/v1/nodes?${search}`;
}

export function isNarrowed(view: FleetView): boolean {
  return Object.keys(conditions(view)).length > 0;
}

function conditions({ text, state, power, health, labels }: FleetView): Record<string, string> {
  const all = { text: text.trim(), state, power, health, labels: showPairs(readPairs(labels)) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

/** A column asked for again is turned round. */
export function sortBy(view: FleetView, column: string): FleetView {
  return { ...view, sort: view.sort === column ? `-${column}` : column, at: 0 };
}
