import type { CampaignAnswer, Page } from "../../../client/index.ts";
import { Choice } from "../fleet/filters.tsx";
import { Badge, ProgressBar } from "../parts/badge.tsx";
import { Notice } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { Pages } from "../parts/pages.tsx";
import { go, Link, usePlace, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { Table } from "../parts/table.tsx";
import { campaignStatus } from "../status.ts";
import { showAge } from "../words.ts";

const STATES = ["running", "paused", "cancelling", "succeeded", "failed", "cancelled"];
const EVERY_MS = 3000;

/** All campaigns, the newest first. */
export function CampaignsPage() {
  useTitle("Campaigns");
  const given = new URLSearchParams(usePlace().search);
  const state = STATES.find((one) => one === given.get("state")) ?? "";
  const cursor = given.get("cursor") ?? "";
  const asked = new URLSearchParams({ limit: "50", ...(state && { state }), ...(cursor && { cursor }) });
  const read = useRead<Page<CampaignAnswer>>(`/v1/campaigns?${asked}`, EVERY_MS);
  const show = (next: Record<string, string>) => {
    const set = Object.entries(next).filter(([, value]) => value !== "");
    go(set.length === 0 ? "/campaigns" : `/campaigns?${new URLSearchParams(set)}`);
  };
  return (
    <>
      <div class="heading">
        <h1>Campaigns</h1>
      </div>
      <search class="filters">
        <Choice label="State" value={state} values={STATES} onChange={(next) => show({ state: next })} />
      </search>
      <Notice read={read} what="campaigns" />
      {read.data?.items.length === 0 && (
        <div class="empty">
          <h2>No campaigns here</h2>
          <p>
            A campaign deploys many nodes under limits. Choose them in the <Link href="/">fleet</Link>.
          </p>
        </div>
      )}
      {read.data !== undefined && read.data.items.length > 0 && (
        <Table name="Campaigns" columns={["Campaign", "State", "Progress", "Waits for", "Begun"]}>
          {read.data.items.map((campaign) => (
            <Row key={campaign.id} campaign={campaign} />
          ))}
        </Table>
      )}
      <Pages
        isFirst={cursor === ""}
        next={read.data?.nextCursor ?? null}
        onTurn={(next) => show({ state, cursor: next })}
      />
    </>
  );
}

function Row({ campaign }: { campaign: CampaignAnswer }) {
  const nowMs = useNow();
  const { id, name, counts, percent, waitingOn, createdAt, createdBy } = campaign;
  return (
    <tr>
      <th scope="row">
        <Link href={`/campaigns/${id}`}>{name}</Link>
        <small>by {createdBy}</small>
      </th>
      <td>
        <Badge {...campaignStatus(campaign)} />
      </td>
      <td class="progress">
        <ProgressBar percent={percent} label={`${name}: share of the nodes that are over`} />
        <small>
          {percent} % of {counts.total.toLocaleString("en")}, {counts.running} at work
          {counts.failed > 0 && <span class="bad-text">, {counts.failed} failed</span>}
        </small>
      </td>
      <td>{waitingOn[0]?.what ?? ""}</td>
      <td class="nowrap">{showAge(nowMs - Date.parse(createdAt))} ago</td>
    </tr>
  );
}
