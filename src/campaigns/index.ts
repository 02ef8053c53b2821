// Knows campaigns: which nodes they are for, who may begin when, what stops them, and what they came to.
// Must not know how a node is deployed, nor HTTP, the queue or SQL; what it needs kept it declares as a port.
// Begin with choose.ts.
export { type Admitter, type AdmitterTiming, createAdmitter } from "./admitter.ts";
export {
  type Campaign,
  type CampaignNode,
  type CampaignNodeState,
  type CampaignState,
  type Counts,
  countsOf,
  type Hindrance,
  isCampaignOver,
  type Lane,
  type Limits,
  type Pause,
} from "./campaign.ts";
export { templateOf } from "./arrange.ts";
export { type Campaigns, createCampaigns } from "./campaigns.ts";
export {
  type Bounds,
  type Choice,
  type Limit,
  limitsOf,
  type PlaceLoad,
  type ServerLoad,
  type Standing,
} from "./choose.ts";
export { CampaignError, type CampaignErrorCode } from "./errors.ts";
export { CAMPAIGN_EVENT_TYPES, type CampaignEvent, type CampaignEventBody } from "./events.ts";
export type { Asker, CampaignInput, CampaignTemplate, Judged } from "./input.ts";
export { type Changed, pause } from "./judge.ts";
export { createLoads, type Loads, type Reading } from "./loads.ts";
export type { Selector } from "./select.ts";
export type {
  CampaignNodeQuery,
  CampaignQuery,
  CampaignStore,
  NewCampaign,
  Outcome,
  Standings,
  TakenNode,
  ToCancel,
  Turn,
  TurnRules,
} from "./store.ts";
export { DAYS, type Day, isOpen, isTimeZone, opensAtMs, type Window } from "./windows.ts";
