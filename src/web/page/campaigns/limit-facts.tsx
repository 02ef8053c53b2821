import type { CampaignAnswer } from "../../../client/index.ts";
import { Facts } from "../parts/facts.tsx";
import { showBoot, showRate } from "../words.ts";

/** What it deploys, and under which limits. */
export function LimitFacts({ campaign }: { campaign: CampaignAnswer }) {
  const { limits, windows, window, weight, request } = campaign;
  const most = (count: number | null) => (count === null ? "no limit" : `${count} at once`);
  return (
    <section aria-labelledby="limits">
      <h2 id="limits">What, and under which limits</h2>
      <Facts
        rows={[
          ["Boots", showBoot(request.boot)],
          ["Succeeds by", request.finish],
          ["In all", `${limits.concurrent} at once`],
          ["In a rack", most(limits.perRack)],
          ["In a site", most(limits.perSite)],
          [
            "From an image server",
            limits.serverBytesPerSecond === null ? "no limit" : showRate(limits.serverBytesPerSecond),
          ],
          ["Canaries", limits.canary === 0 ? "none" : `${limits.canary}, ${campaign.canary}`],
          [
            "Pauses at",
            limits.maxFailures === null ? "no number of failures" : `${limits.maxFailures} failures`,
          ],
          ["Windows", windows.length === 0 ? "at any time" : windows.map(sayWindow).join("; ")],
          ...(window === null
            ? []
            : [["Now", window.isOpen ? "open" : `opens ${opens(window.opensAt)}`] as [string, string]]),
          ["Share", `weight ${weight}`],
        ]}
      />
    </section>
  );
}

function sayWindow({ days, from, to, timeZone }: CampaignAnswer["windows"][number]): string {
  return `${days.length === 0 ? "every day" : days.join(", ")} ${from} to ${to} ${timeZone}`;
}

function opens(at: string | null): string {
  return at === null ? "never" : new Date(at).toLocaleString();
}
