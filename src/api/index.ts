// Knows the API that people and pipelines use: its shapes, its tokens and its errors.
// Must not know Redfish or SQL, and decides nothing about a deployment: it writes intent and reads records.
// Begin with ports.ts.
export type { IdempotencyStore, IdempotentUse, KeptAnswer } from "./ports.ts";
