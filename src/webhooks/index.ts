// Knows webhooks: who wants to hear of which events, and how each of them gets there, signed, and again until it has.
// Must not know HTTP's other side, BMCs, the queue or SQL; what it needs kept it declares as a port.
// Begin with dispatch.ts.
export { createDispatcher, type Dispatcher } from "./dispatch.ts";
export { WebhookError, type WebhookErrorCode } from "./errors.ts";
export { DEFAULT_EVENTS, isEventName } from "./events.ts";
export { createSender } from "./send.ts";
export type {
  Delivery,
  DeliveryQuery,
  DeliveryState,
  NewDelivery,
  Settlement,
  StoredWebhook,
  Stream,
  TakenDelivery,
  WebhookStore,
} from "./store.ts";
export { createWebhooks, type NewWebhook, secretOf, type Webhooks } from "./webhooks.ts";
