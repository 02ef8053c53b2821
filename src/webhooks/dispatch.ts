import { setTimeout as sleep } from "node:timers/promises";
import { ulid } from "ulid";
import type { CampaignStore } from "../campaigns/index.ts";
import type { Bell, DeployEvent, Log, RecordStore, Seals } from "../deploy/index.ts";
import { campaignCloudEvent, cloudEvent, isWanted, nameOf } from "./events.ts";
import type { Answer, Sender } from "./send.ts";
import { signedHeaders } from "./sign.ts";
import type {
  DeliveryState,
  NewDelivery,
  Settlement,
  StoredWebhook,
  Stream,
  TakenDelivery,
  WebhookStore,
} from "./store.ts";
import { secretOf } from "./webhooks.ts";

/** How long after each failed attempt the next one comes; after the last the delivery is dead. About a day and a half. */
const BACK_OFF_MS = [
  5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000, 43_200_000,
];
const EVENTS_AT_ONCE = 200;
const SENT_AT_ONCE = 20;
/** Longer than any attempt takes. */
const LEASE_MS = 60_000;
const KEPT_MS = 7 * 86_400_000;
const LOOK_MS = 1_000;
/** Events that come within this time are handed on together. */
const GATHER_MS = 50;
const PRUNE_MS = 60_000;

/** Carries events to webhooks. Several processes may do so at once. */
export interface Dispatcher {
  /** Lets attempts that are under way end. */
  stop(): Promise<void>;
}

export interface DispatcherParts {
  store: WebhookStore;
  records: Pick<RecordStore, "get" | "eventsSince">;
  campaigns: Pick<CampaignStore, "eventsSince">;
  bell: Pick<Bell, "listen">;
  sender: Pick<Sender, "post">;
  seals: Pick<Seals, "open">;
  /** An event as the API shows it. */
  present: (recordId: string, event: DeployEvent) => object;
  clock: () => number;
  log: Pick<Log, "warn">;
  /** Told of each attempt that was settled. */
  onAttempt?: (attempt: { state: DeliveryState; ms: number; sinceEventMs: number }) => void;
  /** For tests. */
  backOffMs?: readonly number[];
  lookMs?: number;
}

/**
 * First hands events to deliveries, so that each is kept before its event is passed; then attempts those that are due. A
 * process that dies between an answer and its keeping sends once more: receivers know it by its `webhook-id`.
 */
export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { bell, log, lookMs = LOOK_MS } = parts;
  let isStopped = false;
  let rung = Promise.withResolvers<void>();
  let prunedAtMs = 0;
  const leave = bell.listen(() => rung.resolve());

  const look = async () => {
    for (const webhook of await parts.store.list()) {
      await passOn(parts, webhook, "records");
      await passOn(parts, webhook, "campaigns");
    }
    while (!isStopped && (await attemptDue(parts)) === SENT_AT_ONCE);
    if (parts.clock() - prunedAtMs < PRUNE_MS) return;
    prunedAtMs = parts.clock();
    await parts.store.prune(KEPT_MS);
  };
  const run = async () => {
    while (!isStopped) {
      rung = Promise.withResolvers<void>();
      await look().catch((error: unknown) => log.warn({ err: error }, "webhooks wait until the next look"));
      const timer = setTimeout(() => rung.resolve(), lookMs);
      if (!isStopped) await rung.promise;
      clearTimeout(timer);
      if (!isStopped) await sleep(Math.min(GATHER_MS, lookMs));
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      leave();
      rung.resolve();
      await running;
    },
  };
}

async function passOn(parts: DispatcherParts, webhook: StoredWebhook, stream: Stream): Promise<void> {
  let from = stream === "records" ? webhook.position : webhook.campaignPosition;
  for (;;) {
    const read = stream === "records" ? readRecords : readCampaigns;
    const { to, count, wanted } = await read(parts, webhook, from);
    if (to === undefined) return;
    // Another process that was quicker has kept the same.
    if (!(await parts.store.enqueue(webhook.id, { stream, from, to }, wanted))) return;
    from = to;
    if (count < EVENTS_AT_ONCE) return;
  }
}

/** Some events behind a position, and what a webhook wants of them. */
interface Passage {
  /** The last one's position; undefined where there is none. */
  to: number | undefined;
  count: number;
  wanted: NewDelivery[];
}

async function readRecords(parts: DispatcherParts, webhook: StoredWebhook, from: number): Promise<Passage> {
  const events = await parts.records.eventsSince(from, EVENTS_AT_ONCE);
  const wanted = await Promise.all(events.map((found) => deliveryOf(parts, webhook, found)));
  return { to: events.at(-1)?.position, count: events.length, wanted: wanted.flat() };
}

async function readCampaigns(
  { campaigns, clock }: DispatcherParts,
  webhook: StoredWebhook,
  from: number,
): Promise<Passage> {
  const events = await campaigns.eventsSince(from, EVENTS_AT_ONCE);
  const wanted = events.flatMap(({ campaign, event }): NewDelivery[] => {
    const name = `campaign.${event.type}`;
    if (!isWanted(webhook.events, name)) return [];
    const body = JSON.stringify(campaignCloudEvent(campaign, event));
    return [{ id: `msg_${ulid(clock())}`, event: name, position: null, body }];
  });
  return { to: events.at(-1)?.position, count: events.length, wanted };
}

async function deliveryOf(
  { records, present, clock }: DispatcherParts,
  { events }: StoredWebhook,
  { id, event, position }: { id: string; event: DeployEvent; position: number },
): Promise<NewDelivery[]> {
  if (!["deployment", "operation"].some((kind) => isWanted(events, `${kind}.${event.type}`))) return [];
  const view = await records.get(id);
  if (view === undefined || !isWanted(events, nameOf(view, event))) return [];
  const body = JSON.stringify(cloudEvent(view, event, present(id, event)));
  return [{ id: `msg_${ulid(clock())}`, event: nameOf(view, event), position, body }];
}

/** @returns how many were due */
async function attemptDue(parts: DispatcherParts): Promise<number> {
  const due = await parts.store.take(SENT_AT_ONCE, LEASE_MS);
  await Promise.all(due.map((delivery) => attempt(parts, delivery)));
  return due.length;
}

async function attempt(parts: DispatcherParts, delivery: TakenDelivery): Promise<void> {
  const { store, sender, seals, clock, log } = parts;
  const secret = seals.open(delivery.sealedSecret, secretOf(delivery.webhookId));
  const headers = signedHeaders(delivery.id, clock(), delivery.body, secret);
  const begunMs = clock();
  const answer = await sender.post(delivery.url, headers, delivery.body);
  const ms = clock() - begunMs;
  const settlement = settle(answer, delivery.attempts, parts.backOffMs ?? BACK_OFF_MS);
  await store.settle(delivery.id, settlement);
  parts.onAttempt?.({ state: settlement.state, ms, sinceEventMs: begunMs - delivery.createdAtMs });
  if (settlement.state !== "dead") return;
  const { id, webhookId, event, attempts } = delivery;
  log.warn({ webhookId, delivery: id, event, attempts, error: settlement.error }, "a webhook was given up");
}

/** A receiver that says 410 wants no more of it (Standard Webhooks); all others are tried as long as there is patience. */
function settle(
  { status, error, retryAfterMs }: Answer,
  attempts: number,
  backOffMs: readonly number[],
): Settlement {
  if (error === null) return { state: "delivered", status: status! };
  const waitMs = backOffMs[attempts - 1];
  if (waitMs === undefined || status === 410) return { state: "dead", status, error };
  // So that what failed together does not come again together.
  const spreadMs = waitMs * (0.9 + 0.2 * Math.random());
  return { state: "pending", status, error, dueInMs: Math.round(Math.max(spreadMs, retryAfterMs ?? 0)) };
}
