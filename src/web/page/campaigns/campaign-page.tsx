import { type CampaignAnswer, showDuration } from "../../../client/index.ts";
import { Badge } from "../parts/badge.tsx";
import { LiveMark, useLive } from "../parts/live.tsx";
import { Notice } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { Link, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { campaignStatus } from "../status.ts";
import { plural, showAge, showLeft } from "../words.ts";
import { CampaignActions } from "./campaign-actions.tsx";
import { CampaignNodes } from "./campaign-nodes.tsx";
import { LimitFacts } from "./limit-facts.tsx";

const EVERY_MS = 4000;

/** One campaign: how far, what the rest waits for, and what became of each node. */
export function CampaignPage({ id }: { id: string }) {
  const read = useRead<CampaignAnswer>(`/v1/campaigns/${id}`, EVERY_MS);
  const live = useLive("/v1/events", { onEvent: read.refresh, onReset: read.refresh });
  const nowMs = useNow();
  const campaign = read.data;
  useTitle(campaign === undefined ? "Campaign" : `${campaign.name}: ${campaign.state}`);
  return (
    <>
      <div class="heading">
        <p class="trail">
          <Link href="/campaigns">Campaigns</Link>
        </p>
        <LiveMark state={live} />
      </div>
      <Notice read={read} what="the campaign" />
      {campaign !== undefined && (
        <>
          <Head campaign={campaign} nowMs={nowMs} onChange={read.refresh} />
          <Paused campaign={campaign} />
          <Waiting campaign={campaign} />
          <Share campaign={campaign} nowMs={nowMs} />
          <div class="columns columns-wide">
            <CampaignNodes campaign={campaign} />
            <LimitFacts campaign={campaign} />
          </div>
        </>
      )}
    </>
  );
}

function Head(props: { campaign: CampaignAnswer; nowMs: number; onChange: () => void }) {
  const { campaign, nowMs } = props;
  const { id, name, createdAt, createdBy, startedAt, endedAt, retryOf, retriedAs } = campaign;
  const began = Date.parse(startedAt ?? createdAt);
  const took =
    endedAt === null ? `for ${showAge(nowMs - began)}` : `took ${showDuration(Date.parse(endedAt) - began)}`;
  return (
    <div class="head">
      <div>
        <h1>
          {name} <Badge {...campaignStatus(campaign)} />
        </h1>
        <p class="quiet">
          <span class="mono">{id}</span> · asked {new Date(createdAt).toLocaleString()} by {createdBy} ·{" "}
          {took}
          {retryOf !== null && (
            <>
              {" · "}
              <Link href={`/campaigns/${retryOf}`}>retry of an earlier one</Link>
            </>
          )}
          {retriedAs !== null && (
            <>
              {" · "}
              <Link href={`/campaigns/${retriedAs}`}>retried since</Link>
            </>
          )}
        </p>
      </div>
      <CampaignActions {...props} />
    </div>
  );
}

const REASONS = {
  asked: "It was paused",
  "max-failures": "Too many deployments failed",
  "canary-failed": "A canary failed",
};

function Paused({ campaign: { paused, state } }: { campaign: CampaignAnswer }) {
  if (paused === null || state !== "paused") return null;
  return (
    <div class="notice notice-warn" role="alert">
      <p>
        <strong>{REASONS[paused.reason]}</strong> {paused.by !== null && `by ${paused.by} `}at{" "}
        {new Date(paused.at).toLocaleTimeString()}. What was begun goes on; nothing more begins until somebody
        resumes it.
      </p>
    </div>
  );
}

/** Which limits hold the rest back. */
function Waiting({ campaign: { waitingOn } }: { campaign: CampaignAnswer }) {
  if (waitingOn.length === 0) return null;
  return (
    <div class="waiting" role="status">
      {waitingOn.map(({ limit, nodes, what }) => (
        <p key={limit}>
          {plural(nodes, "node waits", "nodes wait")} for <strong>{what}</strong>
        </p>
      ))}
    </div>
  );
}

const SHARES = [
  ["succeeded", "good"],
  ["running", "busy"],
  ["failed", "bad"],
  ["cancelled", "warn"],
  ["skipped", "quiet"],
] as const;

/** All nodes as one bar, by what became of them. */
function Share({ campaign: { counts, percent, etaAt }, nowMs }: { campaign: CampaignAnswer; nowMs: number }) {
  const words = SHARES.filter(([state]) => counts[state] > 0).map(([state]) => `${counts[state]} ${state}`);
  return (
    <section aria-label="How far it is">
      <div class="shares" aria-hidden="true">
        {SHARES.map(([state, tone]) => (
          <span
            key={state}
            class={`tone-${tone}`}
            style={{ width: `${(100 * counts[state]) / Math.max(1, counts.total)}%` }}
          />
        ))}
      </div>
      <p class="figures">
        {[`${percent} % of ${plural(counts.total, "node")} over`, ...words, `${counts.waiting} waiting`].join(
          " · ",
        )}
        {showLeft(etaAt, nowMs) !== null && ` · ${showLeft(etaAt, nowMs)}`}
      </p>
    </section>
  );
}
