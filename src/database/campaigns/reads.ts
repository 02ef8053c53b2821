import type { Kysely } from "kysely";
import type {
  CampaignEvent,
  CampaignStore,
  Lane,
  PlaceLoad,
  ServerLoad,
  Standing,
  Standings,
} from "../../campaigns/index.ts";
import type { Node } from "../../nodes/index.ts";
import type { Sql } from "../sql.ts";
import type { Tables } from "../tables.ts";
import { OPEN_STATES, PHASES, toCampaign, toLane, toNode } from "./rows.ts";

type Reads = Pick<
  CampaignStore,
  | "get"
  | "list"
  | "nodes"
  | "failedNodes"
  | "events"
  | "eventsSince"
  | "lastPosition"
  | "standing"
  | "sealedTemplate"
  | "hasEnded"
  | "running"
>;

/** The reading half of `CampaignStore`; sees what is committed. */
export function createCampaignReads({ read, settledBelow }: Sql): Reads {
  const settledEvents = () =>
    settledBelow === undefined
      ? read.selectFrom("campaign_events")
      : read.selectFrom("campaign_events").where("position", "<", settledBelow);
  return {
    get: (id) => readStandings(read, id),
    async list({ states, name, scope, before, limit }) {
      let found = read.selectFrom("campaigns").select(["id", "version", "body"]);
      if (states !== undefined) found = found.where("state", "in", states);
      if (name !== undefined) found = found.where("name", "=", name);
      if (before !== undefined) found = found.where("id", "<", before);
      for (const [label, value] of Object.entries(scope))
        found = found.where("id", "in", (inner) =>
          inner.selectFrom("labels").select("owner_id").where("name", "=", label).where("value", "=", value),
        );
      const rows = await found.orderBy("id", "desc").limit(limit).execute();
      return withLanes(read, rows);
    },
    async nodes({ campaignId, states, after, limit }) {
      let found = read.selectFrom("campaign_nodes").selectAll().where("campaign_id", "=", campaignId);
      if (states !== undefined)
        found = found.where(
          "phase",
          "in",
          states.flatMap((state) => PHASES[state]),
        );
      if (after !== undefined) found = found.where("place", ">", after);
      return (await found.orderBy("place").limit(limit).execute()).map(toNode);
    },
    async failedNodes(id, purpose) {
      const rows = await read
        .selectFrom("campaign_nodes")
        .select("node_id")
        .where("campaign_id", "=", id)
        .where("phase", "=", "failed")
        .where((row) =>
          row.not(
            row.exists(
              row
                .selectFrom("records")
                .select("id")
                .whereRef("records.node_id", "=", "campaign_nodes.node_id")
                .where("kind", "=", "deployment")
                .where("purpose", "=", purpose)
                .where("state", "in", ["queued", "running", "succeeded"])
                .where("created_at", ">=", row.fn.coalesce(row.ref("admitted_at"), row.ref("ended_at"))),
            ),
          ),
        )
        .orderBy("place")
        .execute();
      return rows.map((row) => row.node_id);
    },
    async events(id, after, limit) {
      const query = read.selectFrom("campaign_events").select("body").where("campaign_id", "=", id);
      const rows = await query.where("seq", ">", after).orderBy("seq").limit(limit).execute();
      return rows.map(({ body }) => JSON.parse(body) as CampaignEvent);
    },
    async eventsSince(position, limit) {
      const rows = await settledEvents()
        .innerJoin("campaigns", "campaigns.id", "campaign_events.campaign_id")
        .select(["position", "campaigns.id", "campaigns.name", "campaign_events.body"])
        .where("position", ">", position)
        .orderBy("position")
        .limit(limit)
        .execute();
      return rows.map(({ id, name, body, ...row }) => ({
        ...row,
        campaign: { id, name },
        event: JSON.parse(body) as CampaignEvent,
      }));
    },
    async lastPosition() {
      const last = await settledEvents().select("position").orderBy("position", "desc").limit(1).execute();
      return last[0]?.position ?? 0;
    },
    standing: () => readStanding(read),
    async sealedTemplate(id) {
      const query = read.selectFrom("campaigns").select("sealed_template").where("id", "=", id);
      return (await query.executeTakeFirst())?.sealed_template;
    },
    async hasEnded() {
      return (await endedOf(read).limit(1).executeTakeFirst()) !== undefined;
    },
    running: () =>
      read
        .selectFrom("campaign_nodes")
        .innerJoin("campaign_lanes", (join) =>
          join
            .onRef("campaign_lanes.campaign_id", "=", "campaign_nodes.campaign_id")
            .onRef("campaign_lanes.number", "=", "campaign_nodes.lane"),
        )
        .select(["deployment_id as deploymentId", "server"])
        .where("phase", "=", "running")
        .$narrowType<{ deploymentId: string }>()
        .execute(),
  };
}

/** Nodes whose deployment has ended, or is not kept any more: as many rows are read as there are deployments running. */
export function endedOf(db: Kysely<Tables>) {
  return db
    .selectFrom("campaign_nodes")
    .leftJoin("records", "records.id", "campaign_nodes.deployment_id")
    .select(["campaign_id", "campaign_nodes.node_id", "name", "lane", "deployment_id", "admitted_at"])
    .select("records.state")
    .where("campaign_nodes.phase", "=", "running")
    .where((row) => row.or([row("records.id", "is", null), row("records.phase", "=", "done")]));
}

export async function readStandings(db: Kysely<Tables>, id: string): Promise<Standings | undefined> {
  const row = await db
    .selectFrom("campaigns")
    .select(["id", "version", "body"])
    .where("id", "=", id)
    .executeTakeFirst();
  return row && (await withLanes(db, [row]))[0];
}

async function withLanes(
  db: Kysely<Tables>,
  rows: readonly Pick<Tables["campaigns"], "id" | "version" | "body">[],
): Promise<Standings[]> {
  const lanes = await readLanes(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => {
    const own = lanes.filter(({ lane }) => lane.campaignId === row.id);
    return {
      campaign: toCampaign(row),
      lanes: own.map(({ lane }) => lane),
      tookMs: own.reduce((sum, { tookMs }) => sum + tookMs, 0),
    };
  });
}

async function readLanes(db: Kysely<Tables>, ids: string[]): Promise<{ lane: Lane; tookMs: number }[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("campaign_lanes")
    .selectAll()
    .where("campaign_id", "in", ids)
    .orderBy("campaign_id")
    .orderBy("number")
    .execute();
  return rows.map((row) => ({ lane: toLane(row), tookMs: row.took_ms }));
}

/** Within a transaction that moves nodes: what nobody else can change meanwhile. */
export async function readStanding(db: Kysely<Tables>): Promise<Standing> {
  const rows = await db
    .selectFrom("campaigns")
    .select(["id", "version", "body"])
    .where("state", "in", OPEN_STATES)
    .orderBy("id")
    .execute();
  const lanes = await readLanes(
    db,
    rows.map(({ id }) => id),
  );
  const campaigns = rows.map(toCampaign);
  const measured = await db.selectFrom("campaign_loads").selectAll().execute();
  const loads = measured.map(
    ({ server, bytes_per_second: bytesPerSecond, reading, begun }): [string, ServerLoad] => [
      server,
      { bytesPerSecond, reading, begun },
    ],
  );
  const isLimitedByPlace = campaigns.some(
    ({ limits: { perRack, perSite } }) => perRack !== null || perSite !== null,
  );
  return {
    campaigns,
    lanes: lanes.map(({ lane }) => lane),
    others: isLimitedByPlace ? await readOthers(db) : [],
    loads: new Map(loads),
  };
}

/** Where deployments run that no campaign has begun. What is looked at grows with all that run, what is read with these. */
async function readOthers(db: Kysely<Tables>): Promise<PlaceLoad[]> {
  const rows = await db
    .selectFrom("records")
    .innerJoin("nodes", "nodes.id", "records.node_id")
    .select("nodes.body")
    .where("records.kind", "=", "deployment")
    .where("records.state", "in", ["queued", "running"])
    .where("records.waits_node", "=", 0)
    .where((row) => {
      const own = row.selectFrom("campaign_nodes").select("place");
      return row.not(row.exists(own.whereRef("deployment_id", "=", "records.id")));
    })
    .execute();
  return rows.map(({ body }) => {
    const { site, rack } = JSON.parse(body) as Pick<Node, "site" | "rack">;
    return { site, rack, running: 1 };
  });
}
