import type * as z from "zod";
import type { CampaignInput, Standings } from "../../campaigns/index.ts";
import { imageKeyOf } from "../../deploy/index.ts";
import type { Caller } from "../access/tokens.ts";
import { tagOf } from "../answer.ts";
import { DEPLOYMENT_BODY_LIMIT } from "../body.ts";
import type { RouteParts } from "../parts.ts";
import { presentCampaign, presentPreview } from "../present/campaign.ts";
import { defineRoute, type Route } from "../route.ts";
import { campaignHold, campaignPreview, shownCampaign } from "../schemas/campaign.ts";
import { campaignCancel, campaignInput, campaignQuery } from "../schemas/campaign-input.ts";
import { nothing } from "../schemas/operation.ts";
import { holdCampaign, mustSee } from "./campaign-held.ts";
import { templateOf } from "./deployments.ts";
import { BODY_PROBLEMS, problems } from "./problems.ts";

type Parts = Pick<RouteParts, "campaigns" | "outlooks" | "bell" | "clock">;

const CHANGED = {
  description: "The campaign, as it is now",
  schema: shownCampaign,
  headers: ["Location", "Retry-After"],
};

export function createCampaignRoutes(parts: Parts): Route[] {
  return [create(parts), read(parts), pause(parts), resume(parts), cancel(parts), retry(parts)];
}

const create = (parts: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/campaigns",
    tag: "Campaigns",
    summary: "Deploy many nodes under limits",
    description:
      "Every node is judged before anything is touched. Its deployments begin as the limits allow, canaries first, and carry the campaign's id.",
    isIdempotent: true,
    bodyLimit: DEPLOYMENT_BODY_LIMIT,
    query: campaignQuery,
    body: campaignInput,
    responses: {
      200: { description: "What each node would be told; with `dryRun`", schema: campaignPreview },
      202: { ...CHANGED, description: "It is accepted" },
      ...BODY_PROBLEMS,
      ...problems(404, 409),
    },
    run: async ({ body, query, caller, note }) => {
      const asker = { by: caller.name, scope: caller.scope };
      const input = inputOf(body);
      if (query.dryRun === "true")
        return { status: 200, body: presentPreview(await parts.campaigns.preview(input, asker)) };
      const standings = await parts.campaigns.create(input, asker);
      const { id, name, limits } = standings.campaign;
      const shown = await presentWithOutlook(parts, standings);
      note({ after: { campaign: id, name, nodes: shown.counts.total, limits } });
      return { status: 202, body: shown, headers: headersOf(standings) };
    },
  });

function inputOf({ deployment, ...rest }: z.output<typeof campaignInput>): CampaignInput {
  return { ...rest, deployment: templateOf(deployment) } as CampaignInput;
}

const read = (parts: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/campaigns/{id}",
    tag: "Campaigns",
    summary: "Read a campaign, now or when something has changed",
    query: campaignHold,
    responses: {
      200: { description: "The campaign", schema: shownCampaign, headers: ["ETag", "Retry-After"] },
      ...problems(404),
    },
    run: async ({ params, query, caller, signal }) => {
      mustSee(caller, await parts.campaigns.get(params.id!));
      const standings = await holdCampaign(parts, params.id!, query, signal);
      const body = await presentWithOutlook(parts, standings);
      const etag = tagOf(standings.campaign.version, body, ["etaAt"]);
      return { status: 200, body, headers: { "retry-after": pollSeconds(standings) }, etag };
    },
  });

const pause = (parts: Parts) =>
  defineRoute({
    ...changing("pause", "Let no more deployments begin; those that were begun go on"),
    body: nothing,
    run: ({ params, caller, note }) =>
      change(parts, params.id!, caller, note, (id) => parts.campaigns.pause(id, caller.name)),
  });

const resume = (parts: Parts) =>
  defineRoute({
    ...changing("resume", "Go on, also after failures that somebody has looked at"),
    body: nothing,
    run: ({ params, caller, note }) =>
      change(parts, params.id!, caller, note, (id) => parts.campaigns.resume(id, caller.name)),
  });

const cancel = (parts: Parts) =>
  defineRoute({
    ...changing(
      "cancel",
      "Let no more deployments begin, and cancel those that were begun unless told otherwise",
    ),
    body: campaignCancel,
    run: ({ params, body, caller, note }) =>
      change(parts, params.id!, caller, note, (id) => parts.campaigns.cancel(id, caller.name, body.running)),
  });

const retry = (parts: Parts) =>
  defineRoute({
    ...changing("retry", "Deploy again what failed of a campaign that is over, as a new campaign"),
    description:
      "In the same way and under the same limits. Nodes that were deployed since, or are gone, are left out; one campaign is retried once.",
    responses: {
      202: { ...CHANGED, description: "The new campaign" },
      ...BODY_PROBLEMS,
      ...problems(404, 409),
    },
    body: nothing,
    run: async ({ params, caller, note }) => {
      mustSee(caller, await parts.campaigns.get(params.id!));
      const standings = await parts.campaigns.retry(params.id!, { by: caller.name, scope: caller.scope });
      const shown = await presentWithOutlook(parts, standings);
      note({ after: { campaign: shown.id, nodes: shown.counts.total } });
      return { status: 202, body: shown, headers: headersOf(standings) };
    },
  });

function changing(verb: string, summary: string) {
  return {
    method: "post",
    path: `/v1/campaigns/{id}/${verb}`,
    tag: "Campaigns",
    summary,
    isIdempotent: true,
    responses: { 202: CHANGED, ...BODY_PROBLEMS, ...problems(404, 409) },
  } as const;
}

async function change(
  parts: Parts,
  id: string,
  caller: Caller,
  note: (change: { before: unknown; after: unknown }) => void,
  act: (id: string) => Promise<Standings>,
) {
  const before = await parts.campaigns.get(id);
  mustSee(caller, before);
  const after = await act(id);
  note({ before: { state: before.campaign.state }, after: { state: after.campaign.state } });
  return { status: 202, body: await presentWithOutlook(parts, after), headers: headersOf(after) };
}

export async function presentWithOutlook(
  { campaigns, outlooks, clock }: Pick<Parts, "campaigns" | "outlooks" | "clock">,
  standings: Standings,
) {
  const { campaign } = standings;
  const likeness = { family: "", image: imageKeyOf(campaign.request) };
  const usualMs = campaign.endedAt === null ? await outlooks.usualMs(likeness, clock()) : null;
  return presentCampaign(standings, await campaigns.limits(campaign), clock(), usualMs);
}

function headersOf(standings: Standings): Record<string, string> {
  return { location: `/v1/campaigns/${standings.campaign.id}`, "retry-after": pollSeconds(standings) };
}

function pollSeconds({ campaign }: Standings): string {
  return campaign.endedAt === null ? "2" : "60";
}
