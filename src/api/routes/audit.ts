import * as z from "zod";
import type { AuditQuery } from "../ports.ts";
import type { RouteParts } from "../parts.ts";
import { defineRoute, type Route } from "../route.ts";
import { shownAudit } from "../schemas/audit.ts";
import { count, limit, page, time } from "../schemas/plain.ts";
import { problems } from "./problems.ts";

const text = z.string().min(1).max(255).exactOptional();

const QUERY = z.strictObject({
  who: text.meta({ description: "Name of a token" }),
  action: text.meta({ description: "A route, like `PATCH /v1/nodes/{id}`" }),
  target: text.meta({ description: "A path, or its beginning, like `/v1/nodes/rack1-u07`" }),
  outcome: z.enum(["done", "refused"]).exactOptional(),
  since: time.exactOptional(),
  until: time.exactOptional(),
  order: z.enum(["newest", "oldest"]).default("newest").meta({ description: "Which come first" }),
  cursor: count(0, Number.MAX_SAFE_INTEGER).exactOptional().meta({
    description: "`nextCursor` of the page before, or the `seq` behind which to begin",
  }),
  limit,
});

/** Who did what, and from where. Reading it is an entry too. */
export function createAuditRoutes({ audit }: Pick<RouteParts, "audit">): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/audit",
      tag: "Audit",
      summary: "Who did what, when and from where",
      description: "Each entry holds the hash of the one before; reading is an entry too.",
      isAudited: true,
      query: QUERY,
      responses: { 200: { description: "Entries", schema: page(shownAudit) }, ...problems(400) },
      run: async ({ query, note }) => {
        const found = await audit.list({ ...asked(query), limit: query.limit + 1 });
        const items = found.slice(0, query.limit);
        note({ after: { read: query } });
        const nextCursor = found.length > query.limit ? String(items.at(-1)!.seq) : null;
        return { status: 200, body: { items, nextCursor } };
      },
    }),
  ];
}

function asked({ cursor, order, since, until, limit: most, ...filters }: z.output<typeof QUERY>): AuditQuery {
  return {
    ...filters,
    ...(cursor === undefined ? {} : { beyond: cursor }),
    ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
    ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
    isOldestFirst: order === "oldest",
    limit: most,
  };
}
