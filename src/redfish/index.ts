// Knows one BMC: how to reach it, log in, ask and be refused.
// Must not know deployments, the queue, SQL or who asked; what it needs kept it declares as a port.
// Begin with client.ts.
export {
  type Answer,
  type ClientOptions,
  createRedfishClient,
  type Exchange,
  type ExchangeReport,
  type Method,
  type OnExchange,
  type RedfishClient,
  type Sender,
} from "./client.ts";
export { isRefusedForGood, RedfishError, type RedfishErrorCode } from "./errors.ts";
export { type ExtendedMessage, isMessage, readExtendedInfo } from "./extended-info.ts";
export type { TlsMode } from "./tls.ts";
export { type Credentials, openSession, type Session } from "./session.ts";
export type { PowerAction, PowerState } from "./power.ts";
export { listSlots, readSlot, type Slot } from "./slots.ts";
export { findSystem, type System } from "./system.ts";
export { followTask, type OnMonitor, type TaskState, type TaskTiming } from "./task.ts";
export { holds } from "./virtual-media.ts";
export type {
  Asked,
  Bmc,
  BmcDescription,
  BmcPool,
  BmcTarget,
  BootOverride,
  Rung,
  SystemState,
} from "./bmc.ts";
export { type BootWay, bootWaysOf } from "./boot-ways.ts";
export { MEDIA_WAYS, type MediaWay, waysInto } from "./media-actions.ts";
export { HTTP_TARGET, httpSlotOf } from "./http-boot.ts";
export type { Subscribed, SubscriptionOrder } from "./subscriptions.ts";
export type { SecureBootState } from "./secure-boot.ts";
export type { DiscBoot } from "./boot.ts";
export { createBmcPool, type PoolOptions, type SharedBmcPool } from "./pool.ts";
export { examine } from "./examine.ts";
export type { Finding } from "./finding.ts";
export type { Quirk, QuirkMatch, Ways } from "./quirks/index.ts";
export { QUIRKS, readQuirks } from "./quirks/index.ts";
export type { Breaker, Lease, Outage, SessionStore, StoredSession } from "./ports.ts";
