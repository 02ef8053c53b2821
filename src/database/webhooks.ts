import type { Selectable } from "kysely";
import type {
  Delivery,
  DeliveryState,
  NewDelivery,
  Settlement,
  StoredWebhook,
  WebhookStore,
} from "../webhooks/index.ts";
import type { Sql, Transaction } from "./sql.ts";
import type { Tables } from "./tables.ts";

/** How many rows are removed in one transaction, so that nobody waits long behind it. */
const BATCH = 500;

/** See `WebhookStore`. */
export function createWebhookStore({ read, write }: Sql): WebhookStore {
  return {
    insert: async (webhook) => {
      await write(({ db }) => db.insertInto("webhooks").values(toRow(webhook)).execute());
    },
    list: async () => (await read.selectFrom("webhooks").selectAll().orderBy("id").execute()).map(toWebhook),
    get: async (id) => {
      const row = await read.selectFrom("webhooks").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toWebhook(row);
    },
    remove: (id) =>
      write(async ({ db }) => {
        const { numDeletedRows } = await db.deleteFrom("webhooks").where("id", "=", id).executeTakeFirst();
        await db.deleteFrom("deliveries").where("webhook_id", "=", id).execute();
        return numDeletedRows > 0n;
      }),
    enqueue: (webhookId, { stream, from, to }, deliveries) =>
      write(async (transaction) => {
        const column = stream === "records" ? "position" : "campaign_position";
        const moved = transaction.db
          .updateTable("webhooks")
          .set({ [column]: to })
          .where("id", "=", webhookId);
        const { numUpdatedRows } = await moved.where(column, "=", from).executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await add(transaction, webhookId, deliveries);
        return true;
      }),
    add: (webhookId, delivery) => write((transaction) => add(transaction, webhookId, [delivery])),
    take: (limit, leaseMs) => write((transaction) => take(transaction, limit, leaseMs)),
    settle: (id, settlement) => write((transaction) => settle(transaction, id, settlement)),
    deliveries: async ({ webhookId, state, before, limit }) => {
      let found = read.selectFrom("deliveries").selectAll().where("webhook_id", "=", webhookId);
      if (state !== undefined) found = found.where("state", "=", state);
      if (before !== undefined) found = found.where("id", "<", before);
      return (await found.orderBy("id", "desc").limit(limit).execute()).map(toDelivery);
    },
    count: async () => {
      const rows = await read
        .selectFrom("deliveries")
        .where("state", "in", ["pending", "dead"])
        .select("state")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .groupBy("state")
        .execute();
      const of = (state: string) => Number(rows.find((row) => row.state === state)?.count ?? 0);
      return { pending: of("pending"), dead: of("dead") };
    },
    replay: (webhookId, id) =>
      write(async ({ db, now }) => {
        const again = { state: "pending", attempts: 0, due_at: now, ended_at: null };
        const ended = db.updateTable("deliveries").set(again).where("webhook_id", "=", webhookId);
        const chosen =
          id === undefined
            ? ended.where("state", "=", "dead")
            : ended.where("id", "=", id).where("state", "<>", "pending");
        return Number((await chosen.executeTakeFirst()).numUpdatedRows);
      }),
    prune: async (keptMs) => {
      for (const [state, ms] of [
        ["delivered", keptMs],
        ["dead", 4 * keptMs],
      ] as const) {
        let removed = BATCH;
        while (removed === BATCH) removed = await write((transaction) => prune(transaction, state, ms));
      }
    },
  };
}

async function add(
  { db, now }: Transaction,
  webhookId: string,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  if (deliveries.length === 0) return;
  const fresh = { state: "pending", attempts: 0, due_at: now, created_at: now } as const;
  const empty = { ended_at: null, last_status: null, last_error: null };
  const rows = deliveries.map((delivery) => ({ ...delivery, webhook_id: webhookId, ...fresh, ...empty }));
  await db.insertInto("deliveries").values(rows).execute();
}

async function take(transaction: Transaction, limit: number, leaseMs: number) {
  const { db, now } = transaction;
  // Of two processes that ask at once, one would wait for the other's rows and then take them too.
  await transaction.exclude("webhooks");
  const due = await db
    .selectFrom("deliveries")
    .innerJoin("webhooks", "webhooks.id", "deliveries.webhook_id")
    .select(["deliveries.id", "webhook_id as webhookId", "event", "body", "attempts", "url"])
    .select(["sealed_secret as sealedSecret", "deliveries.created_at as createdAtMs"])
    .where("state", "=", "pending")
    .where("due_at", "<=", now)
    .orderBy("due_at")
    .limit(limit)
    .execute();
  if (due.length === 0) return [];
  await db
    .updateTable("deliveries")
    .set((row) => ({ due_at: row(now, "+", leaseMs), attempts: row("attempts", "+", 1) }))
    .where(
      "id",
      "in",
      due.map(({ id }) => id),
    )
    .execute();
  return due.map((delivery) => ({ ...delivery, attempts: delivery.attempts + 1 }));
}

async function settle({ db, now }: Transaction, id: string, settlement: Settlement): Promise<void> {
  const { state, status } = settlement;
  const last = { last_status: status, last_error: "error" in settlement ? settlement.error : null };
  await db
    .updateTable("deliveries")
    .set((row) =>
      settlement.state === "pending"
        ? { ...last, due_at: row(now, "+", settlement.dueInMs) }
        : { ...last, state, due_at: null, ended_at: now },
    )
    .where("id", "=", id)
    // It was replayed meanwhile.
    .where("state", "=", "pending")
    .execute();
}

async function prune({ db, now }: Transaction, state: DeliveryState, olderMs: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("deliveries")
    .where("id", "in", (inner) =>
      inner
        .selectFrom("deliveries")
        .select("id")
        .where("state", "=", state)
        .where((row) => row("ended_at", "<", row(now, "-", olderMs)))
        .limit(BATCH),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

type WebhookRow = Selectable<Tables["webhooks"]>;

function toRow(webhook: StoredWebhook): WebhookRow {
  const { id, url, events, sealedSecret, position, campaignPosition, createdAtMs, createdBy } = webhook;
  const positions = { position, campaign_position: campaignPosition };
  const made = { created_at: createdAtMs, created_by: createdBy };
  return { id, url, events: JSON.stringify(events), sealed_secret: sealedSecret, ...positions, ...made };
}

function toWebhook(row: WebhookRow): StoredWebhook {
  return {
    id: row.id,
    url: row.url,
    events: JSON.parse(row.events) as string[],
    sealedSecret: row.sealed_secret,
    position: row.position,
    campaignPosition: row.campaign_position,
    createdAtMs: row.created_at,
    createdBy: row.created_by,
  };
}

function toDelivery(row: Selectable<Tables["deliveries"]>): Delivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    state: row.state as DeliveryState,
    event: row.event,
    attempts: row.attempts,
    dueAtMs: row.due_at,
    createdAtMs: row.created_at,
    endedAtMs: row.ended_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
  };
}
