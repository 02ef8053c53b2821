// Knows the API that people and pipelines use: its shapes, its tokens and its errors.
// Must not know Redfish or SQL, and decides nothing about a deployment: it writes intent and reads records.
// Begin with app.ts.
export { describeApi } from "./describe.ts";
export type { Description } from "./openapi.ts";
export { presentEvent } from "./present/event.ts";
export type { OidcSettings, RoleRule } from "./oidc/settings.ts";
export { readingOf } from "./present/progress.ts";
export type { ApiParts, ReadyCheck } from "./parts.ts";
export { type AuditEntry, type AuditFacts, chain } from "./audit/entry.ts";
export type {
  AuditQuery,
  AuditStore,
  BmcStandings,
  FleetPage,
  FleetQuery,
  FleetReads,
  IdempotencyStore,
  IdempotentUse,
  KeptAnswer,
  NodeState,
  Page,
  PageFile,
  QueuePhases,
  QueueReads,
  QueueWorker,
  StoredToken,
  TokenStore,
  Upkeep,
} from "./ports.ts";
export { readAgentImages } from "./settings.ts";
export { type Api, createApi } from "./server.ts";
