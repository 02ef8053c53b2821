import { useEffect } from "preact/hooks";
import type { CampaignAnswer, CampaignNodeAnswer, Page } from "../../../client/index.ts";
import { Choice } from "../fleet/filters.tsx";
import { Badge } from "../parts/badge.tsx";
import { Notice } from "../parts/notice.tsx";
import { Pages } from "../parts/pages.tsx";
import { go, Link, usePlace } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { Table } from "../parts/table.tsx";
import { campaignNodeTone } from "../status.ts";

const STATES = ["waiting", "running", "succeeded", "failed", "cancelled", "skipped"];
const EVERY_MS = 4000;

/** What became of each node, in the order of the campaign. */
export function CampaignNodes({ campaign: { id, version } }: { campaign: CampaignAnswer }) {
  const { path, search } = usePlace();
  const given = new URLSearchParams(search);
  const state = STATES.find((one) => one === given.get("state")) ?? "";
  const cursor = given.get("cursor") ?? "";
  const asked = new URLSearchParams({ limit: "100", ...(state && { state }), ...(cursor && { cursor }) });
  const read = useRead<Page<CampaignNodeAnswer>>(`/v1/campaigns/${id}/nodes?${asked}`, EVERY_MS);
  const { refresh } = read;
  // The rows say the same as the numbers above them.
  useEffect(refresh, [refresh, version]);
  const show = (next: Record<string, string>) => {
    const set = Object.entries(next).filter(([, value]) => value !== "");
    go(set.length === 0 ? path : `${path}?${new URLSearchParams(set)}`);
  };
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">Nodes</h2>
      <search class="filters">
        <Choice label="State" value={state} values={STATES} onChange={(next) => show({ state: next })} />
      </search>
      <Notice read={read} what="its nodes" />
      {read.data?.items.length === 0 && <p class="quiet">None is in that state.</p>}
      {read.data !== undefined && read.data.items.length > 0 && (
        <Table
          name="Nodes of the campaign"
          columns={["Node", "State", "What it waits for, or why it failed", "Deployment"]}
        >
          {read.data.items.map((item) => (
            <Row key={item.node.id} item={item} />
          ))}
        </Table>
      )}
      <Pages
        isFirst={cursor === ""}
        next={read.data?.nextCursor ?? null}
        onTurn={(next) => show({ state, cursor: next })}
      />
    </section>
  );
}

function Row({ item }: { item: CampaignNodeAnswer }) {
  const { node, state, canary, site, rack, deployment, waitingFor, error } = item;
  return (
    <tr>
      <th scope="row" class="nowrap">
        <Link href={`/nodes/${node.id}`}>{node.name}</Link>
        <small>{[site, rack, canary ? "canary" : null].filter((part) => part !== null).join(" · ")}</small>
      </th>
      <td>
        <Badge tone={campaignNodeTone(state)} word={state} />
      </td>
      <td>
        {error === null ? waitingFor?.what : <span class="bad-text">{error.message}</span>}
        {error?.hint != null && <small>{error.hint}</small>}
      </td>
      <td>{deployment !== null && <Link href={`/deployments/${deployment}`}>show</Link>}</td>
    </tr>
  );
}
