import type { Operations, Schemas } from "./schema.ts";

/** What the API answers, by the names that its clients here use. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Where a name is read whatever else is there, one shape reads better than several. */
type With<T, Changes> = Omit<T, keyof Changes> & Changes;

export interface Tls {
  mode: "verify" | "pin" | "insecure";
  ca?: string;
  fingerprint?: string;
}

/** What is booted, by role: an ISO, or a kernel, a ramdisk and perhaps a boot loader. */
export type Boot = Record<string, { url: string; checksum: string | null } | null>;

export type NodeAnswer = With<
  Schemas["Node"],
  { bmc: With<Schemas["Node"]["bmc"], { tls: Tls }>; deployment: Newest | null }
>;
export type NodeState = NodeAnswer["state"];
/** Of a list without `fields`. */
export type FleetAnswer = Omit<Operations["GET /v1/nodes"]["answer"], "items"> & Page<NodeAnswer>;
/** A node's newest deployment, as lists show it. */
export type Newest = With<Schemas["NewestDeployment"], { boot: Boot; progress: Progress | null }>;

export type DeploymentAnswer = With<
  Schemas["Deployment"],
  {
    request: With<Schemas["Deployment"]["request"], { boot: Boot }>;
    progress: Progress | null;
    /** Absent from an older release. */
    bootProgress?: Schemas["Deployment"]["bootProgress"];
  }
>;
export type RecordState = DeploymentAnswer["state"];
export type Step = Schemas["Step"];
export type Failure = Schemas["Failure"];
export type WaitingOn = Schemas["WaitingOn"];
/** Earlier releases say nothing of a disk image. */
export type Progress = With<Schemas["Progress"], { image?: Schemas["Progress"]["image"] }>;

export type OperationAnswer = Schemas["Operation"];
/** One line of a preflight's result. */
export interface Finding {
  check: string;
  outcome: "pass" | "warn" | "fail" | "skip";
  detail: string;
  hint?: string | null;
  /** Of the certificate that was offered. */
  fingerprint?: string;
}

export type FetchAnswer = Schemas["ImageFetch"];
export type StockAnswer = Schemas["ImageStock"];
export type TokenAnswer = Schemas["Token"];
/** The answer to who made it, which alone holds the token. */
export type CreatedTokenAnswer = Schemas["CreatedToken"];
export type AuditAnswer = Schemas["AuditEntry"];
/** What the last inspection found of a node. */
export type InventoryAnswer = Schemas["Inventory"];
export type WebhookAnswer = Schemas["Webhook"];
/** The answer to who made it, which alone holds the secret. */
export type CreatedWebhookAnswer = Schemas["CreatedWebhook"];
export type DeliveryAnswer = Schemas["Delivery"];
/** How the server keeps its house. */
export type UpkeepAnswer = Schemas["Upkeep"];
/** Who is logged in, and which routes they may use, like `POST /v1/nodes`. */
export type SessionAnswer = Schemas["Session"];
export type QueueAnswer = Schemas["Queue"];
export type WorkerAnswer = Schemas["Worker"];
/** What a BMC showed of itself when it was last described. */
export type Capabilities = Schemas["Capabilities"];

/** Many deployments that are admitted under limits. */
export type CampaignAnswer = With<
  Schemas["Campaign"],
  { request: With<Schemas["Campaign"]["request"], { boot: Boot }> }
>;
export type CampaignState = CampaignAnswer["state"];
/** What became of one node of a campaign. */
export type CampaignNodeAnswer = Schemas["CampaignNode"];
export type CampaignNodeState = CampaignNodeAnswer["state"];
/** What a dry run says. */
export type CampaignPreviewAnswer = Schemas["CampaignPreview"];
export type CampaignEventAnswer = Schemas["CampaignEvent"];
export type AgentImagesAnswer = Schemas["AgentImages"];
