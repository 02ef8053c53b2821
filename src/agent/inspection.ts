import type { AgentBoot, AgentInspection, AgentStore } from "./boot.ts";
import { isObject, type Loose, readBody, readJson, textOf } from "./json.ts";
import { isMacOfNode } from "./lookup.ts";
import { type AgentCall, type AgentReply, answer, refuse } from "./reply.ts";

/** An inventory is some ten kilobytes; the log bundle beside it may be megabytes. */
const BODY_BYTES = 16 * 1024 * 1024;

/**
 * Answers `POST /v1/continue_inspection`, which comes before the lookup and without a token: the secret path and the MAC
 * addresses tell whose it is, and only before the agent's first heartbeat is it taken.
 */
export async function takeInspection(
  call: AgentCall,
  boot: AgentBoot,
  { store, clock }: { store: AgentStore; clock: () => number },
): Promise<AgentReply> {
  if (boot.contact !== null || clock() > boot.lookupUntilMs)
    return refuse("window-closed", "an inspection after the time in which one was expected");
  const bytes = await readBody(call.body, BODY_BYTES);
  if (bytes === undefined) return refuse("body-too-large", `an inspection of more than ${BODY_BYTES} bytes`);
  const body = readJson(bytes);
  const macs = isObject(body) ? macsOf(body["inventory"]) : undefined;
  if (!isObject(body) || macs === undefined)
    return refuse("body-unreadable", "an inspection without the MAC addresses of its interfaces");
  if (!isMacOfNode(boot, macs)) return refuse("other-machine", "an inspection of another machine");
  const inspection = readInspection(body);
  await store.keepInspection(boot.id, inspection);
  return answer(202, { uuid: boot.nodeUuid }, { kind: "inspected", inspection });
}

/** The MAC address of each interface, of which there must be one at least; undefined when one is missing. */
function macsOf(inventory: unknown): string[] | undefined {
  const listed = isObject(inventory) ? inventory["interfaces"] : undefined;
  if (!Array.isArray(listed) || listed.length === 0) return undefined;
  const macs = listed.map((entry) => (isObject(entry) ? textOf(entry["mac_address"]) : undefined));
  return macs.every((mac) => mac !== undefined) ? macs : undefined;
}

function readInspection(body: Loose): AgentInspection {
  const { inventory, logs, error, ...data } = body;
  return {
    inventory: inventory as Loose,
    data,
    logs: textOf(logs) ?? null,
    error: textOf(error) ?? null,
  };
}
