/** Who wants to hear of what. Times are milliseconds since 1970, by the database's clock. */
export interface StoredWebhook {
  id: string;
  url: string;
  /** Names as `isEventName` knows them. */
  events: string[];
  /** The signing secret, sealed. */
  sealedSecret: string;
  /** Events up to this global position have been handed to deliveries. */
  position: number;
  /** The same of campaigns' events, which have positions of their own. */
  campaignPosition: number;
  createdAtMs: number;
  /** Name of the token that made it. */
  createdBy: string;
}

/** `dead`: given up, until somebody replays it. */
export type DeliveryState = "pending" | "delivered" | "dead";

/** One event on its way to one webhook. */
export interface Delivery {
  id: string;
  webhookId: string;
  state: DeliveryState;
  /** Like `deployment.succeeded`. */
  event: string;
  attempts: number;
  /** Of the next attempt; null when there will be none. */
  dueAtMs: number | null;
  createdAtMs: number;
  endedAtMs: number | null;
  /** Of the last answer; null without one. */
  lastStatus: number | null;
  /** Why the last attempt failed; null after one that did not. */
  lastError: string | null;
}

/** What events come from, each in an order of its own. */
export type Stream = "records" | "campaigns";

/** `position` is that of a record's event; null for a test, which is of none, and for a campaign's. */
export interface NewDelivery {
  id: string;
  event: string;
  position: number | null;
  /** What is sent, as it is sent each time. */
  body: string;
}

/** A delivery that one process may attempt now. */
export interface TakenDelivery {
  id: string;
  webhookId: string;
  event: string;
  body: string;
  /** With this one. */
  attempts: number;
  /** When its event was handed on, in milliseconds since 1970. */
  createdAtMs: number;
  url: string;
  sealedSecret: string;
}

/** What came of an attempt. */
export type Settlement =
  | { state: "delivered"; status: number }
  | { state: "dead"; status: number | null; error: string }
  | { state: "pending"; status: number | null; error: string; dueInMs: number };

export interface DeliveryQuery {
  webhookId: string;
  state?: DeliveryState;
  /** Only those before this id: newest first. */
  before?: string;
  limit: number;
}

/** Where webhooks and their deliveries live. Each call is one transaction, durable when it returns. */
export interface WebhookStore {
  insert(webhook: StoredWebhook): Promise<void>;
  list(): Promise<StoredWebhook[]>;
  get(id: string): Promise<StoredWebhook | undefined>;
  /** With its deliveries. @returns false when there is none */
  remove(id: string): Promise<boolean>;
  /** Moves a webhook on from one position to another with what is to be delivered; nothing when another process did so. */
  enqueue(
    webhookId: string,
    moved: { stream: Stream; from: number; to: number },
    deliveries: readonly NewDelivery[],
  ): Promise<boolean>;
  /** Adds one delivery that is of no event. */
  add(webhookId: string, delivery: NewDelivery): Promise<void>;
  /** Gives deliveries that are due to one process, which has `leaseMs` to settle each; after that they are due again. */
  take(limit: number, leaseMs: number): Promise<TakenDelivery[]>;
  settle(id: string, settlement: Settlement): Promise<void>;
  deliveries(query: DeliveryQuery): Promise<Delivery[]>;
  /** How many wait for an attempt, and how many were given up, for metrics. */
  count(): Promise<{ pending: number; dead: number }>;
  /** Makes what has ended due again, from its first attempt. @param id all that are dead without. @returns how many */
  replay(webhookId: string, id?: string): Promise<number>;
  /** Removes what was delivered before so long, and what died before four times as long. */
  prune(keptMs: number): Promise<void>;
}
