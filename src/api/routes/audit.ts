import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import type { AuditQuery, AuditStore } from "../ports.ts";
import type { RouteParts } from "../parts.ts";
import { defineRoute, type Route } from "../route.ts";
import { shownAudit } from "../schemas/audit.ts";
import { count, limit, page, time } from "../schemas/plain.ts";
import { problems } from "./problems.ts";

const text = z.string().min(1).max(255).exactOptional();

const FILTERS = z.strictObject({
  who: text.meta({ description: "Name of a token" }),
  action: text.meta({ description: "A route, like `PATCH /v1/nodes/{id}`" }),
  target: text.meta({ description: "A path, or its beginning, like `/v1/nodes/rack1-u07`" }),
  outcome: z.enum(["done", "refused"]).exactOptional(),
  since: time.exactOptional(),
  until: time.exactOptional(),
});

const QUERY = FILTERS.extend({
  order: z.enum(["newest", "oldest"]).default("newest").meta({ description: "Which come first" }),
  cursor: count(0, Number.MAX_SAFE_INTEGER).exactOptional().meta({
    description: "`nextCursor` of the page before, or the `seq` behind which to begin",
  }),
  limit,
});

const EXPORT_PAGE = 500;

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
    exportAll(audit),
  ];
}

/** Lines of JSON that `trayload audit verify FILE` takes; they are never in memory all at once. */
const exportAll = (audit: Pick<AuditStore, "list">) =>
  defineRoute({
    method: "get",
    path: "/v1/audit/export",
    tag: "Audit",
    summary: "All entries that fit, oldest first, as lines of JSON",
    description: "Without conditions it is the whole chain, which `trayload audit verify` takes as a file.",
    isAudited: true,
    query: FILTERS,
    responses: {
      200: {
        description: "A line for each entry",
        schema: z.string(),
        contentType: "application/jsonl",
        headers: ["Content-Disposition"],
      },
      ...problems(400),
    },
    run: async ({ query, note, response, signal }) => {
      note({ after: { exported: query } });
      response.set({
        "content-type": "application/jsonl; charset=utf-8",
        "content-disposition": 'attachment; filename="audit.jsonl"',
        "cache-control": "no-store",
      });
      // Who goes away in the middle has what was sent; there is nobody to tell of it.
      await pipeline(Readable.from(lines(audit, query)), response, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      return undefined;
    },
  });

async function* lines(
  audit: Pick<AuditStore, "list">,
  filters: z.output<typeof FILTERS>,
): AsyncGenerator<string> {
  let cursor = 0;
  for (;;) {
    const query = asked({ ...filters, order: "oldest", cursor, limit: EXPORT_PAGE });
    const entries = await audit.list(query);
    yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    if (entries.length < EXPORT_PAGE) return;
    cursor = entries.at(-1)!.seq;
  }
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
