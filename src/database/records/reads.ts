import type { DeployEvent, RecordStore, RecordView } from "../../deploy/index.ts";
import type { Sql } from "../sql.ts";
import { keepViews } from "./known-views.ts";
import { listRecords } from "./list.ts";

type Reads = Pick<
  RecordStore,
  "get" | "sealedSecrets" | "list" | "events" | "eventsSince" | "lastPosition" | "holderOf" | "countOpen"
>;

/** The reading half of `RecordStore`; sees what is committed. */
export function createRecordReads(sql: Sql): Reads {
  const { read, settledBelow } = sql;
  const known = keepViews(read);
  const settledEvents = () =>
    settledBelow === undefined
      ? read.selectFrom("events")
      : read.selectFrom("events").where("position", "<", settledBelow);
  return {
    async get(id) {
      const row = await read.selectFrom("records").select("view").where("id", "=", id).executeTakeFirst();
      return row && (JSON.parse(row.view) as RecordView);
    },
    async sealedSecrets(id) {
      const query = read.selectFrom("records").select("sealed_secrets").where("id", "=", id);
      return (await query.executeTakeFirst())?.sealed_secrets ?? null;
    },
    list: (query) => listRecords(read, known, query),
    async events(id, after, limit) {
      const query = read.selectFrom("events").select("body").where("record_id", "=", id);
      const rows = await query.where("seq", ">", after).orderBy("seq").limit(limit).execute();
      return rows.map(({ body }) => JSON.parse(body) as DeployEvent);
    },
    async eventsSince(position, limit) {
      const query = settledEvents().select(["position", "record_id as id", "body"]);
      const rows = await query.where("position", ">", position).orderBy("position").limit(limit).execute();
      return rows.map(({ body, ...row }) => ({ ...row, event: JSON.parse(body) as DeployEvent }));
    },
    async lastPosition() {
      const last = await settledEvents().select("position").orderBy("position", "desc").limit(1).execute();
      return last[0]?.position ?? 0;
    },
    async holderOf(nodeId) {
      const query = read.selectFrom("node_locks").select("holder").where("node_id", "=", nodeId);
      return (await query.executeTakeFirst())?.holder ?? undefined;
    },
    async countOpen() {
      const rows = await read
        .selectFrom("records")
        .where("state", "in", ["queued", "running"])
        .select(["kind", "state", sql.field("view", "step").as("step")])
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .groupBy(["kind", "state", "step"])
        .execute();
      return rows.map(({ count, ...row }) => ({ ...row, count: Number(count) }));
    },
  };
}
