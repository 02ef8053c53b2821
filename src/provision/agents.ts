import type { IncomingMessage, ServerResponse } from "node:http";
import { type AgentCall, type AgentReply, type AgentServer, createAgentServer } from "../agent/index.ts";
import type { ExposedAgent } from "../deploy/index.ts";
import { createAllowance } from "./allowance.ts";
import { answerEmpty } from "./answer.ts";
import type { ProvisionLimits, ProvisionParts } from "./parts.ts";
import { plainAddress } from "./readers.ts";
import { wakeRecord } from "./wake.ts";

/** Answers agents. */
export interface Agents {
  /** @param below the path behind the secret, with its query */
  take(
    request: IncomingMessage,
    response: ServerResponse,
    exposure: ExposedAgent,
    below: string,
  ): Promise<void>;
}

/** Refusals that say that the machine's own agent cannot go on; the others may be a stranger's. */
const TOLD = new Set(["contact-changed", "tls-missing", "other-machine", "window-closed"]);

export function createAgents(
  parts: Pick<ProvisionParts, "agentBoots" | "store" | "hints" | "log" | "clock" | "onRefused">,
  limits: ProvisionLimits,
): Agents {
  const served: AgentServer = createAgentServer({ store: parts.agentBoots, clock: parts.clock });
  const pace = { atOnce: limits.agentCallsAtOnce, perSecond: limits.agentCallsPerSecond };
  const calls = createAllowance(pace, parts.clock);
  // An agent that is refused asks again every few seconds.
  const complaints = createAllowance({ atOnce: 3, perSecond: 1 / 60 }, parts.clock);

  /** What happened goes into the log, and to the record where it matters; neither tells a secret. */
  async function tell(
    { recordId, bootId }: ExposedAgent,
    { happened, status }: AgentReply,
    { from, method, path }: Pick<AgentCall, "from" | "method" | "path">,
  ): Promise<void> {
    const facts = { recordId, bootId, from };
    if (happened.kind === "looked-up")
      parts.log.info({ ...facts, ...happened }, "an agent has looked its node up");
    if (happened.kind === "beat" && happened.isFirst) parts.log.info(facts, "an agent has reported first");
    if (happened.kind === "inspected") parts.log.info(facts, "an agent has told what its machine has");
    if (happened.kind !== "refused") return;
    const { why, detail } = happened;
    if (!complaints.take(`${bootId} ${why}`)) return;
    parts.log.warn({ ...facts, why }, `an agent's call was refused: ${detail}`);
    const action = `${method} /a/{secret}${placeOf(path)}`;
    await parts.onRefused?.({ recordId, from, action, why, status });
    if (TOLD.has(why)) await wakeRecord(parts, recordId, { kind: "agent-refused", why, detail });
  }

  return {
    async take(request, response, exposure, below) {
      const from = plainAddress(request.socket.remoteAddress ?? "");
      if (!calls.take(exposure.bootId))
        return answerEmpty(response, 429, { connection: "close", "retry-after": 1 });
      const { bootId } = exposure;
      const call = { bootId, method: request.method ?? "GET", path: below, body: request, from };
      const reply = await served.take(call);
      await tell(exposure, reply, call);
      send(response, reply);
    },
  };
}

/** Which of the agent's paths it is, without what stands in it. */
function placeOf(path: string): string {
  const [, place] = /^\/v1\/(lookup|heartbeat|continue_inspection)(?![^/?])/.exec(path) ?? [];
  if (place === undefined) return "/…";
  return `/v1/${place}${place === "heartbeat" ? "/{node}" : ""}`;
}

function send(response: ServerResponse, { status, body, closes }: AgentReply): void {
  const text = body === null ? "" : JSON.stringify(body);
  response
    .writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      "cache-control": "no-store",
      ...(closes ? { connection: "close" } : {}),
    })
    .end(text);
}
