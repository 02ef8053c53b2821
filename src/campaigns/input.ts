import type { DeploymentInput, DeploymentRequest } from "../deploy/index.ts";
import type { Node } from "../nodes/index.ts";
import type { Hindrance, Limits } from "./campaign.ts";
import type { Selection } from "./select.ts";
import type { Window } from "./windows.ts";

/** A campaign as a caller writes it, shape already checked. */
export interface CampaignInput extends Selection {
  name: string;
  /** Of every node. */
  deployment: CampaignTemplate;
  limits?: Partial<Limits>;
  windows?: Window[];
  weight?: number;
  /** What becomes of it when some nodes cannot be deployed so: nothing, or all others are. */
  unfit?: "refuse" | "skip";
}

export type CampaignTemplate = Omit<DeploymentInput, "node" | "callbackSecret" | "whenBusy">;

export interface Asker {
  by: string;
  /** Labels that nodes must carry for him. */
  scope: Readonly<Record<string, string>>;
}

/** A node, and whether it can be deployed as asked. */
export interface Judged {
  node: Node;
  hindrance: Hindrance | null;
}

/** The same with its request, where it can. */
export type JudgedRequest = Judged & { request: DeploymentRequest | null };
