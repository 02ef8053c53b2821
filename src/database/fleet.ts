import {
  type Expression,
  type ExpressionBuilder,
  type RawBuilder,
  type SelectQueryBuilder,
  sql,
} from "kysely";
import type { FleetPage, FleetQuery, FleetReads, NodeState } from "../api/index.ts";
import type { RecordState, RecordView } from "../deploy/index.ts";
import { toNode } from "./nodes.ts";
import type { Sql } from "./sql.ts";
import type { Tables } from "./tables.ts";

interface Joined extends Tables {
  newest: { [Column in keyof Tables["records"]]: Tables["records"][Column] | null };
}
type Found = SelectQueryBuilder<Joined, "nodes" | "newest", object>;
type Builder = ExpressionBuilder<Joined, "nodes" | "newest">;

/** Which states of the newest deployment make which state of a node; null stands for none. */
const MADE_OF: Record<NodeState, readonly (RecordState | null)[]> = {
  failed: ["failed"],
  deploying: ["queued", "running"],
  inspecting: [],
  cleaning: [],
  deployable: ["cancelled", null],
  deployed: ["succeeded"],
};

/** In the order of these, a list by state begins with what a person should look at. */
const STATES = Object.keys(MADE_OF) as NodeState[];

/** See `FleetReads`: nodes joined with their newest deployments. */
export function createFleetReads({ read, field }: Pick<Sql, "read" | "field">): FleetReads {
  const seen = (name: string) => field("nodes.observed", name);
  return {
    async list(query) {
      const fitting = filter(joined(read), query, seen);
      const rows = await page(fitting, query, seen)
        .select(["nodes.body", "nodes.observed", "newest.view"])
        .execute();
      return {
        rows: rows.map(({ view, ...node }) => ({
          node: toNode(node),
          newest: view === null ? undefined : (JSON.parse(view) as RecordView),
        })),
        counts: await countStates(fitting),
      };
    },
  };
}

/** The newest deployment is the one with the highest id; the index on node and id gives it at once. */
function joined(read: Sql["read"]): Found {
  return read
    .selectFrom("nodes")
    .leftJoin("records as newest", (join) =>
      join.on("newest.id", "=", (inner) =>
        inner
          .selectFrom("records")
          .select("records.id")
          .whereRef("records.node_id", "=", "nodes.id")
          .where("records.kind", "=", "deployment")
          .orderBy("records.id", "desc")
          .limit(1),
      ),
    ) as unknown as Found;
}

type Seen = (name: string) => RawBuilder<string | null>;

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
  const by = query.order === "id" ? sql.ref("nodes.id") : orderOf(query.order, seen);
  const direction = query.isDescending ? "desc" : "asc";
  // What is not known comes last, whichever way round.
  return found
    .orderBy(sql`(case when ${by} is null then 1 else 0 end)`)
    .orderBy(by, direction)
    .orderBy("nodes.name")
    .limit(query.limit)
    .offset(query.offset);
}

function isIn(row: Builder, states: readonly NodeState[]): Expression<boolean> {
  const wanted = states.flatMap((state) => MADE_OF[state]);
  const named = wanted.filter((state) => state !== null);
  return row.or([
    ...(named.length === 0 ? [] : [row("newest.state", "in", named)]),
    ...(wanted.includes(null) ? [row("newest.state", "is", null)] : []),
  ]) as unknown as Expression<boolean>;
}

function orderOf(order: Exclude<FleetQuery["order"], "id">, seen: Seen): RawBuilder<unknown> {
  switch (order) {
    case "name":
      return sql.ref("nodes.name");
    case "address":
      return sql.ref("nodes.bmc_origin");
    case "model":
      return sql`coalesce(${seen("manufacturer")} || ' ', '') || ${seen("model")}`;
    case "state":
      return rank();
    case "power":
      return seen("power");
    case "health":
      return seen("bmcHealth");
    case "deployed":
      return sql.ref("newest.created_at");
    default:
      return order satisfies never;
  }
}

function rank(): RawBuilder<number> {
  const cases = STATES.flatMap((state, place) =>
    MADE_OF[state].flatMap((made) => (made === null ? [] : [sql`when ${made} then ${sql.lit(place)}`])),
  );
  return sql<number>`case newest.state ${sql.join(cases, sql` `)} else ${sql.lit(STATES.indexOf("deployable"))} end`;
}

async function countStates(fitting: Found): Promise<FleetPage["counts"]> {
  const rows = await fitting
    .select(["newest.state", ({ fn }) => fn.countAll<number>().as("count")])
    .groupBy("newest.state")
    .execute();
  const counts: FleetPage["counts"] = {};
  for (const { state, count } of rows) {
    const shown = STATES.find((name) => MADE_OF[name].includes(state as RecordState | null))!;
    counts[shown] = (counts[shown] ?? 0) + Number(count);
  }
  return counts;
}
