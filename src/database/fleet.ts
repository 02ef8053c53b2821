import {
  type Expression,
  type ExpressionBuilder,
  type RawBuilder,
  type SelectQueryBuilder,
  sql,
} from "kysely";
import type { FleetPage, FleetQuery, FleetReads, NodeState } from "../api/index.ts";
import type { RecordState, RecordView } from "../deploy/index.ts";
import { readNodes } from "./nodes.ts";
import type { Sql } from "./sql.ts";
import type { Tables } from "./tables.ts";

type Found = SelectQueryBuilder<Tables, "nodes", object>;
type Builder = ExpressionBuilder<Tables, "nodes">;
/** A field of what was last seen of a node. */
type Seen = (name: string) => RawBuilder<string | null>;

/** State of a deployment, with its purpose where that is another than to deploy. */
type Made = RecordState | `${RecordState} ${"inspect" | "clean"}`;

/** Which newest deployments make which state of a node; null stands for none. */
const MADE_OF: Record<NodeState, readonly (Made | null)[]> = {
  failed: ["failed", "failed inspect", "failed clean"],
  deploying: ["queued", "running"],
  inspecting: ["queued inspect", "running inspect"],
  cleaning: ["queued clean", "running clean"],
  deployable: [
    "cancelled",
    "cancelled inspect",
    "cancelled clean",
    "succeeded inspect",
    "succeeded clean",
    null,
  ],
  deployed: ["succeeded"],
};

/** In the order of these, a list by state begins with what a person should look at. */
const STATES = Object.keys(MADE_OF) as NodeState[];

/**
 * See `FleetReads`. Which nodes come, and in which order, is told by indexes alone; whole rows are read for one page, since
 * what was seen of a node, and what became of a deployment, are some kilobytes each.
 */
export function createFleetReads({ read, field }: Pick<Sql, "read" | "field">): FleetReads {
  const seen: Seen = (name) => field("nodes.observed", name);
  return {
    async list(query) {
      const fitting = filter(read.selectFrom("nodes"), query, seen);
      const chosen = await page(fitting, query, seen)
        .select(["nodes.id", (row) => newest(row, "id").as("newest")])
        .execute();
      return { rows: await readRows(read, chosen), counts: await countStates(fitting) };
    },
  };
}

/** Of the deployment with the highest id; an index gives it at once. */
function newest<Column extends "id" | "created_at">(row: Builder, column: Column) {
  return newestOf(row).select(`records.${column}` as const);
}

function newestMade(row: Builder) {
  const made = sql<Made>`case records.purpose when 'deploy' then records.state
    else records.state || ' ' || records.purpose end`;
  return newestOf(row).select(made.as("made"));
}

function newestOf(row: Builder) {
  return row
    .selectFrom("records")
    .whereRef("records.node_id", "=", "nodes.id")
    .where("records.kind", "=", "deployment")
    .orderBy("records.id", "desc")
    .limit(1);
}

function filter(all: Found, query: FleetQuery, seen: Seen): Found {
  let found = all;
  for (const [name, values] of [["power", query.power] as const, ["bmcHealth", query.health] as const]) {
    if (values !== undefined) found = found.where(seen(name), "in", values);
  }
  for (const word of (query.text ?? "").toLowerCase().split(/\s+/).filter(Boolean)) {
    const names = ["manufacturer", "model", "serialNumber"].map((name) => sql`coalesce(${seen(name)}, '')`);
    const text = sql.join([sql.ref("nodes.name"), sql.ref("nodes.bmc_origin"), ...names], sql` || ' ' || `);
    found = found.where(sql<string>`lower(${text})`, "like", sql<string>`${pattern(word)} escape '!'`);
  }
  for (const [name, value] of Object.entries(query.labels ?? {}))
    found = found.where("nodes.id", "in", (inner) =>
      inner.selectFrom("labels").select("owner_id").where("name", "=", name).where("value", "=", value),
    );
  return found;
}

function pattern(word: string): string {
  return `%${word.replace(/[!%_]/g, "!$&")}%`;
}

function page(fitting: Found, query: FleetQuery, seen: Seen): Found {
  let found = fitting;
  if (query.states !== undefined) found = found.where((row) => isIn(row, query.states!));
  if (query.after !== undefined) found = found.where("nodes.id", ">", query.after);
  return found
    .orderBy(
      (row) => orderOf(row, query.order, seen),
      // What is not known comes last, whichever way round.
      (order) => (query.isDescending ? order.desc() : order.asc()).nullsLast(),
    )
    .orderBy("nodes.name")
    .limit(query.limit)
    .offset(query.offset);
}

function isIn(row: Builder, states: readonly NodeState[]): Expression<boolean> {
  const wanted = states.flatMap((state) => MADE_OF[state]);
  const named = wanted.filter((state) => state !== null);
  const state = newestMade(row);
  const any = [
    ...(named.length === 0 ? [] : [row(state, "in", named)]),
    ...(wanted.includes(null) ? [row(state, "is", null)] : []),
  ];
  // SQL has no empty list of conditions.
  return any.length === 0 ? sql<boolean>`1 = 0` : (row.or(any) as Expression<boolean>);
}

function orderOf(row: Builder, order: FleetQuery["order"], seen: Seen): Expression<unknown> {
  switch (order) {
    case "id":
    case "name":
      return row.ref(`nodes.${order}`);
    case "address":
      return row.ref("nodes.bmc_origin");
    case "model":
      return sql`coalesce(${seen("manufacturer")} || ' ', '') || ${seen("model")}`;
    case "state":
      return rank(row);
    case "power":
      return seen("power");
    case "health":
      return seen("bmcHealth");
    case "deployed":
      return newest(row, "created_at");
    default:
      return order satisfies never;
  }
}

function rank(row: Builder): RawBuilder<number> {
  const cases = STATES.flatMap((state, place) =>
    MADE_OF[state].flatMap((made) => (made === null ? [] : [sql`when ${made} then ${sql.lit(place)}`])),
  );
  const others = sql.lit(STATES.indexOf("deployable"));
  return sql<number>`case ${newestMade(row)} ${sql.join(cases, sql` `)} else ${others} end`;
}

async function countStates(fitting: Found): Promise<FleetPage["counts"]> {
  const rows = await fitting
    .select([(row) => newestMade(row).as("newest_made"), ({ fn }) => fn.countAll<number>().as("count")])
    .groupBy("newest_made")
    .execute();
  const counts: FleetPage["counts"] = {};
  for (const { newest_made: made, count } of rows) {
    const shown = STATES.find((name) => MADE_OF[name].includes(made))!;
    counts[shown] = (counts[shown] ?? 0) + Number(count);
  }
  return counts;
}

/** A node that was removed meanwhile is passed over. */
async function readRows(
  read: Sql["read"],
  chosen: { id: string; newest: string | null }[],
): Promise<FleetPage["rows"]> {
  const nodes = await readNodes(
    read,
    chosen.map(({ id }) => id),
  );
  const views = await readViews(
    read,
    chosen.flatMap(({ newest: id }) => id ?? []),
  );
  return chosen.flatMap(({ id, newest: deployment }) => {
    const node = nodes.get(id);
    return node === undefined
      ? []
      : [{ node, newest: deployment === null ? undefined : views.get(deployment) }];
  });
}

async function readViews(read: Sql["read"], ids: string[]): Promise<Map<string, RecordView>> {
  if (ids.length === 0) return new Map();
  const rows = await read.selectFrom("records").select(["id", "view"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, view }) => [id, JSON.parse(view) as RecordView]));
}
