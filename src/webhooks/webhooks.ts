import { ulid } from "ulid";
import type { CampaignStore } from "../campaigns/index.ts";
import type { RecordStore, Seals } from "../deploy/index.ts";
import { WebhookError } from "./errors.ts";
import type { Sender } from "./send.ts";
import { makeSecret, readSecret } from "./sign.ts";
import type { Delivery, DeliveryQuery, StoredWebhook, WebhookStore } from "./store.ts";

export interface NewWebhook {
  url: string;
  events: string[];
  /** As `readSecret` reads it; one is made without. */
  secret?: string;
}

/** Webhooks as people set them up. All methods that name one throw WebhookError `webhook-not-found`. */
export interface Webhooks {
  /**
   * Events from now on are delivered.
   *
   * @returns the webhook, and its secret, which is told this once
   * @throws WebhookError `webhook-not-allowed`, `webhook-secret-invalid`
   */
  add(wanted: NewWebhook, by: string): Promise<{ webhook: StoredWebhook; secret: string }>;
  list(): Promise<StoredWebhook[]>;
  get(id: string): Promise<StoredWebhook>;
  remove(id: string): Promise<StoredWebhook>;
  /** Sends a `webhook.test`, as soon as any. @returns the delivery's id */
  test(id: string): Promise<string>;
  deliveries(query: DeliveryQuery): Promise<Delivery[]>;
  /** @param delivery all that are dead without. @returns how many. @throws WebhookError `delivery-not-found` */
  replay(id: string, delivery?: string): Promise<number>;
}

interface WebhooksParts {
  store: WebhookStore;
  records: Pick<RecordStore, "lastPosition">;
  campaigns: Pick<CampaignStore, "lastPosition">;
  sender: Pick<Sender, "checkUrl">;
  seals: Pick<Seals, "seal">;
  clock: () => number;
}

export function createWebhooks(parts: WebhooksParts): Webhooks {
  const { store, sender, clock } = parts;
  const existing = async (id: string): Promise<StoredWebhook> => {
    const webhook = await store.get(id);
    if (webhook !== undefined) return webhook;
    throw new WebhookError(`there is no webhook ${id}`, { code: "webhook-not-found" });
  };
  return {
    add: async (wanted, by) => {
      sender.checkUrl(wanted.url);
      const secret = wanted.secret ?? makeSecret();
      readSecret(secret);
      const webhook = await make(parts, wanted, secret, by);
      await store.insert(webhook);
      return { webhook, secret };
    },
    list: () => store.list(),
    get: existing,
    remove: async (id) => {
      const webhook = await existing(id);
      await store.remove(id);
      return webhook;
    },
    test: async (id) => {
      await existing(id);
      const delivery = `msg_${ulid(clock())}`;
      const body = JSON.stringify(testEvent(id, delivery, clock()));
      await store.add(id, { id: delivery, event: "webhook.test", position: null, body });
      return delivery;
    },
    deliveries: async (query) => {
      await existing(query.webhookId);
      return store.deliveries(query);
    },
    replay: async (id, delivery) => {
      await existing(id);
      const count = await store.replay(id, delivery);
      if (count > 0 || delivery === undefined) return count;
      throw new WebhookError(`the webhook has no delivery ${delivery} that has ended`, {
        code: "delivery-not-found",
      });
    },
  };
}

async function make(
  { records, campaigns, seals, clock }: WebhooksParts,
  { url, events }: NewWebhook,
  secret: string,
  by: string,
): Promise<StoredWebhook> {
  const id = `wh_${ulid(clock())}`;
  const positions = {
    position: await records.lastPosition(),
    campaignPosition: await campaigns.lastPosition(),
  };
  const made = { createdAtMs: clock(), createdBy: by };
  return { id, url, events, sealedSecret: seals.seal(secret, secretOf(id)), ...positions, ...made };
}

/** A sealed secret opens for its own webhook only. */
export function secretOf(webhookId: string): string {
  return `${webhookId}/secret`;
}

function testEvent(webhookId: string, id: string, nowMs: number): object {
  return {
    specversion: "1.0",
    id,
    source: `/v1/webhooks/${webhookId}`,
    type: "webhook.test",
    time: new Date(nowMs).toISOString(),
    datacontenttype: "application/json",
    data: {},
  };
}
