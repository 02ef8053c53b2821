import type * as z from "zod";
import { CampaignError, isCampaignOver, type Standings } from "../../campaigns/index.ts";
import type { Caller } from "../access/tokens.ts";
import type { RouteParts } from "../parts.ts";
import type { campaignHold } from "../schemas/campaign.ts";

/** How often a campaign is read without a ring: rings may be lost. */
const LOOK_MS = 1_000;

/** A token that is bound to some nodes sees campaigns of such nodes alone. @throws CampaignError `campaign-not-found` */
export function mustSee({ scope }: Caller, { campaign }: Standings): void {
  if (Object.entries(scope).every(([name, value]) => campaign.scope[name] === value)) return;
  throw new CampaignError(`there is no campaign ${campaign.id}`, { code: "campaign-not-found" });
}

/** Reads a campaign, as late as the query wants. */
export async function holdCampaign(
  { campaigns, bell }: Pick<RouteParts, "campaigns" | "bell">,
  id: string,
  { waitMs = 0, after, until }: z.output<typeof campaignHold>,
  signal: AbortSignal,
): Promise<Standings> {
  const endsAt = performance.now() + waitMs;
  let latest = await campaigns.get(id);
  const known = after ?? latest.campaign.version;
  const isEnough = ({ campaign: { state, version } }: Standings) =>
    isCampaignOver(state) || (until === undefined && version > known);
  while (!isEnough(latest) && performance.now() < endsAt && !signal.aborted) {
    await ringOf(bell, id, Math.min(LOOK_MS, endsAt - performance.now()), signal);
    latest = await campaigns.get(id);
  }
  return latest;
}

async function ringOf(
  bell: RouteParts["bell"],
  id: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const rung = Promise.withResolvers<void>();
  const come = () => rung.resolve();
  const timer = setTimeout(come, limitMs);
  const leave = bell.listen((rings) => (rings === id ? come() : undefined));
  signal.addEventListener("abort", come);
  await rung.promise;
  signal.removeEventListener("abort", come);
  leave();
  clearTimeout(timer);
}
