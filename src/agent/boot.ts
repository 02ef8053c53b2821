import type { Loose } from "./json.ts";

/**
 * One boot of an agent: what was prepared for it and what it has shown since. A boot ends when its machine is powered off
 * or booted anew; the next one has another secret path, another token and another record of this kind.
 */
export interface AgentBoot {
  /** What the store knows it by. */
  id: string;
  /** The name under which the agent is told of its node: any UUID, the same over all boots of the node. */
  nodeUuid: string;
  /** The node's MAC addresses; where none are recorded, the secret path alone tells whose agent it is. */
  macs: readonly string[];
  token: string;
  /**
   * How the token reaches the agent: `disc` when it stands on the kernel line that was made for this boot, so that no
   * answer ever holds it; `lookup` for an agent whose disc could not be given it.
   */
  tokenBy: "disc" | "lookup";
  /** Milliseconds since 1970: until then an agent that has not been heard of may look its node up. */
  lookupUntilMs: number;
  node: AgentNode;
  settings: AgentSettings;
  /** Who got the token by lookup; null before. */
  tokenHolder: string | null;
  /** Fixed by the first heartbeat with the right token; null before. */
  contact: AgentContact | null;
}

/** A node as the agent is shown it; it looks for its root disk by `root_device` in either object. */
export interface AgentNode {
  properties: Loose;
  /** Wins over `properties`. */
  instanceInfo: Loose;
}

/** What a lookup tells the agent to do. */
export interface AgentSettings {
  /** The agent sends its next heartbeat after 0.3 to 0.6 of this. */
  heartbeatTimeoutS: number;
  /** `raw`, `gpt`, `qcow2`…: what the agent may write. */
  permittedFormats: readonly string[];
  /** Whether it may run grub-install from the image that it wrote; only partition images for a BIOS need that. */
  mayInstallBiosBootloader: boolean;
  /** Refuses agents without TLS of their own. Off in labs alone. */
  requiresTls: boolean;
}

/** Where an agent is reached in this boot. */
export interface AgentContact {
  /** `https://10.0.7.30:9999` */
  callbackUrl: string;
  /** The agent's own certificate (PEM); null where it serves http, or one that others vouch for. */
  certificate: string | null;
  version: string;
}

/** A heartbeat that was in order. */
export interface Heartbeat {
  contact: AgentContact;
  /** Address that it came from. */
  from: string;
}

/** What an inspection posted; the inventory as the agent spells it. */
export interface AgentInspection {
  inventory: Loose;
  /** All else that its collectors gave, without their logs. */
  data: Loose;
  /** base64 of a tar.gz; null where the collector was off. */
  logs: string | null;
  /** What the agent itself found wrong; null when nothing. */
  error: string | null;
}

/** A boot with what came of it. */
export interface SeenAgent {
  boot: AgentBoot;
  /** When the last heartbeat came that was kept, in milliseconds since 1970; null before. */
  beatAtMs: number | null;
  inspection: AgentInspection | null;
}

/** Where boots of agents are kept, for whoever prepares and follows them. */
export interface AgentBoots extends AgentStore {
  /** Prepares a boot, in place of an earlier one of that id. @param boot `owner` is woken by what the agent tells */
  begin(boot: AgentBoot & { owner: string }): Promise<void>;
  /** @returns undefined for a boot that is unknown or over */
  see(bootId: string): Promise<SeenAgent | undefined>;
  /** Ends all boots of an owner. */
  end(owner: string): Promise<void>;
}

/** Where boots of agents are kept. Each call is one transaction, and durable when it returns. */
export interface AgentStore {
  /** @returns undefined for a boot that is unknown or over */
  get(bootId: string): Promise<AgentBoot | undefined>;
  /**
   * Makes `holder` the one who got the token, if nobody has it and no heartbeat came.
   *
   * @returns who holds it now; null once a heartbeat has come, for then an agent has it
   */
  claimToken(bootId: string, holder: string): Promise<string | null>;
  /**
   * Keeps a heartbeat and wakes whoever waits for this boot, also one who is at work just then. The first one fixes the
   * contact; one with another contact is not kept.
   *
   * @returns the contact that is fixed; undefined when the boot is over
   */
  keepHeartbeat(bootId: string, beat: Heartbeat): Promise<AgentContact | undefined>;
  /** Keeps an inspection, in place of an earlier one, and wakes as a heartbeat does. */
  keepInspection(bootId: string, inspection: AgentInspection): Promise<void>;
}
