import * as z from "zod";
import type { RecordQuery, RecordView } from "../../deploy/index.ts";
import { NodeError } from "../../nodes/index.ts";
import { tagOf } from "../answer.ts";
import { pageOf, readCursor } from "../cursor.ts";
import { fieldsOf, pick } from "../fields.ts";
import type { RouteParts } from "../parts.ts";
import { presentDeployment } from "../present/record.ts";
import { writeDeployment } from "../present/text.ts";
import { defineRoute, type Route } from "../route.ts";
import { type Progress, shownDeployment } from "../schemas/deployment.ts";
import { cursor, labelFilter, limit, page, several, time } from "../schemas/plain.ts";
import { RECORD_STATES } from "../schemas/record.ts";
import { problems } from "./problems.ts";

type Parts = Pick<RouteParts, "records" | "nodes" | "samples">;

const QUERY = z.strictObject({
  state: several(z.enum(RECORD_STATES)).meta({ description: "One or several, separated by commas" }),
  node: z.string().min(1).max(255).exactOptional().meta({ description: "Id or name" }),
  label: labelFilter,
  campaign: z
    .string()
    .min(1)
    .max(64)
    .exactOptional()
    .meta({ description: "Only those of this campaign, by its id" }),
  since: time.exactOptional().meta({ description: "Only those created then or later" }),
  fields: fieldsOf(shownDeployment),
  cursor,
  limit,
});

export function createDeploymentListRoute({ records, nodes, samples }: Parts): Route {
  return defineRoute({
    method: "get",
    path: "/v1/deployments",
    tag: "Deployments",
    summary: "List deployments, newest first",
    query: QUERY,
    responses: {
      200: {
        description: "Deployments",
        schema: page(shownDeployment.partial().required({ id: true }).meta({ id: "DeploymentItem" })),
        headers: ["ETag", "Retry-After"],
      },
      ...problems(400),
    },
    run: async ({ query, caller }) => {
      const nodeId = query.node === undefined ? undefined : await nodeIdOf(nodes, query.node);
      const found = await records.list({ ...recordQuery(query, nodeId), nodeLabels: caller.scope });
      const { items: views, nextCursor } = pageOf(found, query.limit);
      const progress = await samples.takeAll(views);
      const items = views.map((view, n) => write(view, progress[n]!, query.fields));
      const body = `{"items":[${items.join(",")}],"nextCursor":${JSON.stringify(nextCursor)}}`;
      // What makes another answer, without a walk through all of it.
      const versions = views.map(({ id, version }) => [id, version]);
      return {
        status: 200,
        body,
        contentType: "application/json",
        headers: { "retry-after": "5" },
        etag: tagOf(null, { nextCursor, fields: query.fields, versions, progress }, ["sampledAt", "etaAt"]),
      };
    },
  });
}

function write(view: RecordView, progress: Progress | null, fields: readonly string[] | undefined): string {
  if (fields === undefined) return writeDeployment(view, progress);
  return JSON.stringify(pick(presentDeployment(view, progress), fields));
}

function recordQuery(query: z.output<typeof QUERY>, nodeId: string | undefined): RecordQuery {
  const before = readCursor(query.cursor);
  return {
    kind: "deployment",
    ...(query.state === undefined ? {} : { states: query.state }),
    ...(nodeId === undefined ? {} : { nodeId }),
    ...(query.label === undefined ? {} : { labels: query.label }),
    ...(query.campaign === undefined ? {} : { campaignId: query.campaign }),
    ...(query.since === undefined ? {} : { since: query.since }),
    ...(before === undefined ? {} : { before }),
    limit: query.limit + 1,
  };
}

/** A removed node's deployments can still be asked for by its id. */
async function nodeIdOf(nodes: Parts["nodes"], idOrName: string): Promise<string> {
  try {
    return (await nodes.get(idOrName)).id;
  } catch (error) {
    if (error instanceof NodeError && error.code === "node-not-found") return idOrName;
    throw error;
  }
}
