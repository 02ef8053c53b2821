import type { AgentBoot, AgentStore } from "./boot.ts";
import type { Loose } from "./json.ts";
import { type AgentCall, type AgentReply, answer, refuse } from "./reply.ts";
import { MASKED_TOKEN } from "./token.ts";

/** More network cards than this no machine has. */
const ADDRESSES_MOST = 256;

/**
 * Answers `GET /v1/lookup`: by MAC when an agent starts, by UUID when it asks for the hints again in the midst of a write.
 * An agent that has been heard of may look up as long as its boot lasts; the first one only within the boot's window.
 */
export async function lookUp(
  call: AgentCall,
  boot: AgentBoot,
  { store, clock }: { store: AgentStore; clock: () => number },
): Promise<AgentReply> {
  const query = new URL(call.path, "http://agent").searchParams;
  const by = matchOf(boot, query.get("addresses"), query.get("node_uuid"));
  if (by === undefined) return refuse("other-machine", "a lookup by a MAC or UUID of another machine");
  if (boot.contact === null && clock() > boot.lookupUntilMs)
    return refuse("window-closed", "a lookup after the time in which the agent was expected");
  const given = await giveToken(call, boot, store);
  if (given === undefined)
    return refuse(
      "token-held-by-other",
      "a lookup from another address than the one that was given the token",
    );
  const tokenGiven = given !== MASKED_TOKEN;
  return answer(200, bodyOf(boot, given), { kind: "looked-up", by, tokenGiven });
}

/** By what a lookup names the node of this boot; undefined when it names another. */
function matchOf(boot: AgentBoot, addresses: string | null, uuid: string | null): "mac" | "uuid" | undefined {
  if (uuid !== null) return uuid.toLowerCase() === boot.nodeUuid.toLowerCase() ? "uuid" : undefined;
  return isMacOfNode(boot, (addresses ?? "").split(",")) ? "mac" : undefined;
}

/** Whether one of the addresses is a MAC of the node; any is where none was recorded. */
export function isMacOfNode({ macs }: Pick<AgentBoot, "macs">, addresses: readonly string[]): boolean {
  const offered = addresses.slice(0, ADDRESSES_MOST).map((address) => address.trim().toLowerCase());
  if (macs.length === 0) return offered.some((address) => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(address));
  return macs.some((mac) => offered.includes(mac.toLowerCase()));
}

/**
 * The token for whoever may have it: the first caller of a boot without one on its disc, and that same address again while
 * no heartbeat shows that the answer arrived. The mask is for those who have theirs; undefined for a second caller.
 */
async function giveToken(call: AgentCall, boot: AgentBoot, store: AgentStore): Promise<string | undefined> {
  if (boot.tokenBy === "disc" || boot.contact !== null) return MASKED_TOKEN;
  const holder = await store.claimToken(boot.id, call.from);
  if (holder === null) return MASKED_TOKEN;
  return holder === call.from ? boot.token : undefined;
}

/** `metrics` is left out: where it is there, agents copy every key of the configuration onto it. */
function bodyOf({ node, nodeUuid, settings }: AgentBoot, token: string): Loose {
  return {
    node: {
      uuid: nodeUuid,
      properties: node.properties,
      instance_info: node.instanceInfo,
      driver_internal_info: {},
      links: [],
    },
    config: {
      heartbeat_timeout: settings.heartbeatTimeoutS,
      agent_token: token,
      agent_token_required: true,
      agent_md5_checksum_enable: false,
      disable_deep_image_inspection: false,
      permitted_image_formats: settings.permittedFormats,
      agent_skip_bmc_detect: true,
      enable_bios_bootloader_install: settings.mayInstallBiosBootloader,
      agent_containers: {},
    },
  };
}
