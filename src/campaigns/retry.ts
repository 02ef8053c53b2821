import type { Node } from "../nodes/index.ts";
import { arrange, templateOf, usualFailures } from "./arrange.ts";
import { type Campaign, countsOf, isCampaignOver, type Limits } from "./campaign.ts";
import type { CampaignsParts } from "./campaigns.ts";
import { CampaignError } from "./errors.ts";
import { judgeEach, refuseUnfit } from "./fit.ts";
import type { Asker, CampaignInput, CampaignTemplate } from "./input.ts";
import { findSeen } from "./select.ts";
import type { Standings } from "./store.ts";

type Parts = Pick<CampaignsParts, "store" | "nodes" | "intake" | "seals" | "serverOf" | "clock">;

/** See `Campaigns.retry`. @returns the id of the new campaign */
export async function retry(parts: Parts, { campaign, lanes }: Standings, asker: Asker): Promise<string> {
  const { store, seals } = parts;
  const { id, name, windows, weight } = campaign;
  refuseTooEarly(campaign);
  const found = await findLeft(parts, campaign, asker);
  const sealed = (await store.sealedTemplate(id))!;
  const { succeeded, failed, cancelled } = countsOf(lanes);
  const input: CampaignInput = {
    name,
    deployment: JSON.parse(seals.open(sealed, templateOf(id))) as CampaignTemplate,
    limits: limitsFor(found.length, campaign.limits, succeeded + failed + cancelled),
    windows,
    weight,
    unfit: "skip",
  };
  const judged = await judgeEach(parts, input, found);
  if (judged.every(({ hindrance }) => hindrance !== null)) refuseUnfit(judged);
  const made = arrange(parts, input, asker, judged, id);
  if (!(await store.insert(made))) throw refusal(`campaign ${id} was retried already`, RETRIED);
  return made.campaign.id;
}

const RETRIED = "Its retriedAs says as which; retry that one.";

function refuseTooEarly({ id, state, retriedAs }: Campaign): void {
  if (!isCampaignOver(state))
    throw refusal(`campaign ${id} is ${state}`, "Retry it when it is over, or cancel it before.");
  if (retriedAs !== null) throw refusal(`campaign ${id} was retried as ${retriedAs}`, RETRIED);
}

/** Those that failed and that nobody has taken care of since. */
async function findLeft(
  { store, nodes }: Parts,
  { id, request }: Campaign,
  { scope }: Asker,
): Promise<Node[]> {
  const found: Node[] = [];
  for (const nodeId of await store.failedNodes(id, request.purpose)) {
    const node = await findSeen(nodes, nodeId, scope);
    if (node !== undefined) found.push(node);
  }
  if (found.length > 0) return found;
  throw refusal(
    `campaign ${id} has no failed node that was left alone since`,
    "Nodes that were deployed since are left out, and so are those that were removed.",
  );
}

/** A number of failures that nobody chose is reckoned anew for the fewer nodes. */
function limitsFor(nodes: number, { maxFailures, ...limits }: Limits, before: number): Partial<Limits> {
  return maxFailures === usualFailures(before)
    ? { ...limits, maxFailures: usualFailures(nodes) }
    : { ...limits, maxFailures };
}

function refusal(message: string, hint: string): CampaignError {
  return new CampaignError(message, { code: "campaign-not-retryable", hint });
}
