import * as z from "zod";
import type { CampaignNode, CampaignNodeQuery, CampaignQuery, Hindrance } from "../../campaigns/index.ts";
import { tagOf } from "../answer.ts";
import { cursorOf, pageOf, readCursor } from "../cursor.ts";
import type { RouteParts } from "../parts.ts";
import { presentCampaignNode } from "../present/campaign.ts";
import { defineRoute, type Route } from "../route.ts";
import {
  campaignListQuery,
  campaignNodesQuery,
  shownCampaign,
  shownCampaignEvent,
  shownCampaignNode,
} from "../schemas/campaign.ts";
import { count, limit, page } from "../schemas/plain.ts";
import { mustSee } from "./campaign-held.ts";
import { presentWithOutlook } from "./campaigns.ts";
import { problems } from "./problems.ts";

type Parts = Pick<RouteParts, "campaigns" | "records" | "outlooks" | "clock">;

export function createCampaignListRoutes(parts: Parts): Route[] {
  return [list(parts), nodes(parts), events(parts)];
}

const list = (parts: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/campaigns",
    tag: "Campaigns",
    summary: "List campaigns, newest first",
    query: campaignListQuery,
    responses: {
      200: { description: "Campaigns", schema: page(shownCampaign), headers: ["ETag", "Retry-After"] },
      ...problems(400),
    },
    run: async ({ query, caller }) => {
      const before = readCursor(query.cursor);
      const asked: CampaignQuery = {
        scope: caller.scope,
        limit: query.limit + 1,
        ...(query.state === undefined ? {} : { states: query.state }),
        ...(query.name === undefined ? {} : { name: query.name }),
        ...(before === undefined ? {} : { before }),
      };
      const found = await parts.campaigns.list(asked);
      const shown = await Promise.all(found.map((one) => presentWithOutlook(parts, one)));
      const body = pageOf(shown, query.limit);
      return { status: 200, body, headers: { "retry-after": "5" }, etag: tagOf(null, body, ["etaAt"]) };
    },
  });

const nodes = ({ campaigns, records, clock }: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/campaigns/{id}/nodes",
    tag: "Campaigns",
    summary: "List what became of each node, in the campaign's order",
    query: campaignNodesQuery,
    responses: {
      200: { description: "Nodes", schema: page(shownCampaignNode), headers: ["ETag", "Retry-After"] },
      ...problems(400, 404),
    },
    run: async ({ params, query, caller }) => {
      const standings = await campaigns.get(params.id!);
      mustSee(caller, standings);
      const after = readCursor(query.cursor);
      const asked: CampaignNodeQuery = {
        campaignId: params.id!,
        limit: query.limit + 1,
        ...(query.state === undefined ? {} : { states: query.state }),
        ...(after === undefined ? {} : { after: Number(after) }),
      };
      const limits = await campaigns.limits(standings.campaign);
      const found = await campaigns.nodes(asked);
      const explained = await Promise.all(found.slice(0, query.limit).map((node) => explain(records, node)));
      const items = explained.map((node) => presentCampaignNode(node, standings, limits, clock()));
      const hasMore = found.length > query.limit;
      const body = { items, nextCursor: hasMore ? cursorOf(String(items.at(-1)!.place)) : null };
      return { status: 200, body, headers: { "retry-after": "5" }, etag: tagOf(null, body) };
    },
  });

/** What a deployment failed of is told beside its node, so that nobody has to open each. */
async function explain(records: Parts["records"], node: CampaignNode): Promise<CampaignNode> {
  if (node.state !== "failed" || node.deploymentId === null) return node;
  const error = (await records.get(node.deploymentId))?.error ?? null;
  const hindrance: Hindrance | null = error && {
    code: error.code,
    message: error.message,
    hint: error.hint,
    holder: null,
  };
  return { ...node, hindrance };
}

const events = ({ campaigns }: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/campaigns/{id}/events",
    tag: "Campaigns",
    summary: "List what happened to the campaign as a whole, oldest first",
    description: "What happens to a node is told by its deployment.",
    query: z.strictObject({
      after: count(0, Number.MAX_SAFE_INTEGER)
        .default(0)
        .meta({ description: "Only those above this `seq`" }),
      limit,
    }),
    responses: {
      200: { description: "Events", schema: z.object({ items: z.array(shownCampaignEvent) }) },
      ...problems(400, 404),
    },
    run: async ({ params, query, caller }) => {
      mustSee(caller, await campaigns.get(params.id!));
      const found = await campaigns.events(params.id!, query.after, query.limit);
      return { status: 200, body: { items: found.map((event) => ({ campaignId: params.id!, ...event })) } };
    },
  });
