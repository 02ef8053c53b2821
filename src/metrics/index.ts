// Knows what Prometheus is told of this process: names, labels and buckets of every metric, in one place.
// Must not know the other rooms: each is watched through what it tells, which start/ hands on.
// Begin with registry.ts; docs/operations.md says which question each metric answers.
export { type BmcRequest, watchBmcs } from "./bmcs.ts";
export { type KeptEvent, type KeptView, watchRecords } from "./records.ts";
export { watchDiscs } from "./discs.ts";
export { watchEvents } from "./events.ts";
export { watchLooks } from "./looks.ts";
export { createRegister, type Register } from "./registry.ts";
export { watchRetention } from "./retention.ts";
export { watchStore } from "./store.ts";
export { type DeliveryAttempt, watchWebhooks } from "./webhooks.ts";
