import * as z from "zod";
import type { RecordView } from "../../deploy/index.ts";
import type { Node } from "../../nodes/index.ts";
import { narrow } from "../access/scope.ts";
import { tagOf } from "../answer.ts";
import { pageOf, readCursor } from "../cursor.ts";
import { fieldsOf, pick } from "../fields.ts";
import type { RouteParts } from "../parts.ts";
import { FLEET_ORDERS, type FleetPage, type FleetQuery } from "../ports.ts";
import { presentNode } from "../present/node.ts";
import { Problem } from "../problem.ts";
import { isFinal } from "../records.ts";
import { defineRoute, type Route } from "../route.ts";
import { NODE_STATES, shownNode, stateCounts } from "../schemas/node.ts";
import { count, cursor, labelFilter, limit, page, several } from "../schemas/plain.ts";
import { problems } from "./problems.ts";

/** Figures of the moment, which do not make another answer. */
export const FLEETING = ["sampledAt", "etaAt"];

const SORTS = FLEET_ORDERS.flatMap((order) => [order, `-${order}`]) as [string, ...string[]];

const QUERY = z.strictObject({
  state: several(z.enum(NODE_STATES)).meta({ description: "One or several, separated by commas" }),
  power: several(z.string().min(1).max(32)).meta({ description: "As last seen, like `On` or `Off`" }),
  health: several(z.string().min(1).max(32)).meta({ description: "As last seen, like `OK` or `Critical`" }),
  text: z.string().min(1).max(255).exactOptional().meta({
    description:
      "Words that must be found in the name, the BMC's address, the maker, the model or the serial number",
  }),
  label: labelFilter,
  sort: z.enum(SORTS).default("id").meta({ description: "`-` before it turns the order round" }),
  offset: count(0, 1_000_000).exactOptional().meta({
    description:
      "Nodes to pass over, for pages of any order; `cursor` misses none while nodes come and go, in order of `id`",
  }),
  fields: fieldsOf(shownNode),
  cursor,
  limit,
});

const PAGE = page(shownNode.partial().required({ id: true }).meta({ id: "NodeItem" })).extend({
  total: z.int().meta({ description: "How many nodes fit, on all pages" }),
  counts: stateCounts.meta({ description: "How many nodes fit in each state, whatever `state` asks for" }),
});

export function createNodeListRoute({ fleet, samples }: Pick<RouteParts, "fleet" | "samples">): Route {
  return defineRoute({
    method: "get",
    path: "/v1/nodes",
    tag: "Nodes",
    summary: "List nodes with their newest deployments",
    query: QUERY,
    responses: {
      200: { description: "Nodes", schema: PAGE, headers: ["ETag", "Retry-After"] },
      ...problems(400),
    },
    run: async ({ query, caller }) => {
      const labels = narrow(caller, query.label);
      const asked = fleetQuery(query, labels);
      const found = labels === undefined ? NONE : await fleet.list({ ...asked, limit: query.limit + 1 });
      const shown = await Promise.all(
        found.rows.map(({ node, newest }) => presentWithProgress(samples, node, newest)),
      );
      const { items, nextCursor } = pageOf(shown, query.limit);
      const counts = Object.fromEntries(NODE_STATES.map((state) => [state, found.counts[state] ?? 0]));
      const total = (query.state ?? NODE_STATES).reduce((sum, state) => sum + counts[state]!, 0);
      const body = {
        items: items.map((item) => pick(item, query.fields)),
        nextCursor: asked.order === "id" && !asked.isDescending ? nextCursor : null,
        total,
        counts,
      };
      return { status: 200, body, etag: tagOf(null, body, FLEETING), headers: { "retry-after": "5" } };
    },
  });
}

const NONE: FleetPage = { rows: [], counts: {} };

function fleetQuery(query: z.output<typeof QUERY>, labels: Record<string, string> = {}): FleetQuery {
  const isDescending = query.sort.startsWith("-");
  const after = readCursor(query.cursor);
  if (after !== undefined && (query.sort !== "id" || query.offset !== undefined)) {
    const errors = [{ path: "cursor", message: "goes with the order of id alone; use offset" }];
    throw new Problem("invalid-query", "cursor: goes with the order of id alone; use offset.", { errors });
  }
  return {
    ...(query.state === undefined ? {} : { states: query.state }),
    ...(query.power === undefined ? {} : { power: query.power }),
    ...(query.health === undefined ? {} : { health: query.health }),
    ...(query.text === undefined ? {} : { text: query.text }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(after === undefined ? {} : { after }),
    order: query.sort.replace(/^-/, "") as FleetQuery["order"],
    isDescending,
    offset: query.offset ?? 0,
    limit: query.limit,
  };
}

export async function presentWithProgress(
  samples: RouteParts["samples"],
  node: Node,
  newest: RecordView | undefined,
) {
  const progress = newest === undefined || isFinal(newest) ? null : await samples.take(newest);
  return presentNode(node, newest, progress);
}
