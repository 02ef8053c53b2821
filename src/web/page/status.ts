import type {
  CampaignAnswer,
  CampaignNodeState,
  CampaignState,
  NodeAnswer,
  RecordState,
} from "../../client/index.ts";

/** How a thing stands, for its colour; the word beside it says the same. */
export type Tone = "good" | "busy" | "bad" | "warn" | "quiet";

export interface Status {
  tone: Tone;
  word: string;
}

const OF_RECORD: Record<RecordState, Tone> = {
  queued: "quiet",
  running: "busy",
  succeeded: "good",
  failed: "bad",
  cancelled: "warn",
};

export function recordStatus(state: RecordState, isCancelling = false): Status {
  const isOpen = state === "queued" || state === "running";
  return isCancelling && isOpen
    ? { tone: "warn", word: "cancelling" }
    : { tone: OF_RECORD[state], word: state };
}

const OF_CAMPAIGN: Record<CampaignState, Tone> = {
  running: "busy",
  paused: "warn",
  cancelling: "warn",
  succeeded: "good",
  failed: "bad",
  cancelled: "warn",
};

export function campaignStatus({ state }: CampaignAnswer): Status {
  return { tone: OF_CAMPAIGN[state], word: state };
}

/** Of one node in a campaign. */
export function campaignNodeTone(state: CampaignNodeState): Tone {
  return state === "waiting" || state === "skipped" ? "quiet" : OF_CAMPAIGN[state];
}

/** A node's own word; while a deployment runs, what that one says of itself is nearer to the truth. */
export function nodeStatus({ state, deployment }: NodeAnswer): Status {
  if (isWorking({ state }) && deployment !== null) {
    const status = recordStatus(deployment.state, deployment.cancelRequested);
    return status.word === "running" ? { tone: "busy", word: state } : status;
  }
  if (state === "failed") return { tone: "bad", word: "failed" };
  return { tone: state === "deployed" ? "good" : "quiet", word: state };
}

/** Whether a deployment has the node. */
export function isWorking({ state }: Pick<NodeAnswer, "state">): boolean {
  return state === "deploying" || state === "inspecting" || state === "cleaning";
}

/** One fact beside the state; together they make the status of a node. */
export interface Fact {
  tone: Tone;
  name: "power" | "media" | "health" | "reach" | "rule";
  word: string;
  why: string;
}

/** Power, media and health, and whatever else should be known before something is done to the node. */
export function nodeFacts(node: NodeAnswer): Fact[] {
  const { power, media, bmc, reachable } = node;
  const on = power?.toLowerCase() === "on";
  const facts: Fact[] = [
    {
      tone: on ? "good" : "quiet",
      name: "power",
      word: power === null ? "power unknown" : power.toLowerCase(),
      why: power === null ? "The power has not been seen yet" : `Power, as last seen: ${power}`,
    },
  ];
  if (media !== null) {
    const why =
      media.owed === null
        ? `A disc is in ${media.slot}, ejected ${media.eject}`
        : `What a clean-up could not do is tried again: ${media.owed}`;
    facts.push({
      tone: media.owed === null ? "quiet" : "warn",
      name: "media",
      word: media.owed === null ? "disc in" : "clean-up owed",
      why,
    });
  }
  if (bmc.health !== null)
    facts.push({
      tone: HEALTH[bmc.health] ?? "warn",
      name: "health",
      word: bmc.health,
      why: `Health, as the BMC says: ${bmc.health}`,
    });
  if (reachable === false)
    facts.push({
      tone: "bad",
      name: "reach",
      word: "unreachable",
      why: "The BMC did not answer when it was last asked",
    });
  if (node.protected)
    facts.push({
      tone: "warn",
      name: "rule",
      word: "protected",
      why: "Refuses deployments, power-off and eject",
    });
  if (node.maintenance)
    facts.push({ tone: "warn", name: "rule", word: "maintenance", why: "Kept out of campaigns and queues" });
  return facts;
}

const HEALTH: Record<string, Tone> = { OK: "good", Warning: "warn", Critical: "bad" };
