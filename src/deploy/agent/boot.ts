import { type AgentBoot, AgentError, agentIgnition, type SeenAgent } from "../../agent/index.ts";
import { uuidOf } from "../../images/index.ts";
import { StepError } from "../errors.ts";
import { agentPath } from "../exposure.ts";
import type { Parts } from "../parts.ts";
import { WAIT_FOR_AGENT_MS } from "../plan.ts";
import type { AgentJob } from "./job.ts";
import { agentSecrets, hashOf } from "../secret.ts";
import type { StepContext } from "../step.ts";
import { deploymentOf, known, maybe } from "../steps/known.ts";

/** What the agent does; only plans with an agent have steps that ask. */
export function jobOf(context: StepContext): AgentJob {
  const job = deploymentOf(context).agent;
  if (job !== undefined) return job;
  throw new StepError("this deployment has no agent", { code: "internal-error" });
}

/** The agent's boots of one disc have one name: each begins anew when the machine is switched on. */
export function bootIdOf(context: StepContext): string {
  return `${context.view.id}/${maybe(context, "attempt") ?? 0}`;
}

function secretsOf({ seals }: Pick<Parts, "seals">, context: StepContext) {
  return agentSecrets(seals, context.view.id, maybe(context, "attempt") ?? 0);
}

/** Opens the path below which the agent of this disc finds its API. */
export async function exposeAgent(
  parts: Pick<Parts, "seals" | "exposures">,
  context: StepContext,
): Promise<void> {
  await parts.exposures.publish({
    kind: "agent",
    secretHash: hashOf(secretsOf(parts, context).path),
    recordId: context.view.id,
    bootId: bootIdOf(context),
  });
}

/** What the kernel line tells the agent: who it is, whom it reports to, and with which token. */
export function agentKernelArgs(parts: Pick<Parts, "seals">, context: StepContext): string {
  const { path, token } = secretsOf(parts, context);
  const inspects = deploymentOf(context).purpose === "inspect";
  return [
    "boot_method=vmedia",
    `ipa-api-url=${known(context, "provisionUrl")}${agentPath(path)}`,
    `ipa-agent-token=${token}`,
    `ipa-global-request-id=req-${uuidOf(context.view.id)}`,
    // Its log is all that tells of a failure; the node's own arguments come behind, and the last one counts.
    "ipa-debug=1",
    ...(inspects ? ["ipa-inspection-collectors=default", "ipa-collect-lldp=1"] : []),
  ].join(" ");
}

/**
 * The Ignition config by which a live system of CoreOS starts the agent, in place of a kernel line that tells it all.
 *
 * @throws AgentError `agent-coreos-invalid`
 */
export async function agentConfigOf(
  parts: Pick<Parts, "seals" | "agents">,
  context: StepContext,
): Promise<Buffer> {
  const { path, token } = secretsOf(parts, context);
  const { container, pullSecret, ca } = parts.agents;
  const { name, networkData, agent } = await context.node();
  if (container === null)
    throw new AgentError("no container image of the agent is set, which CoreOS would run", {
      code: "agent-coreos-invalid",
      retryable: false,
      hint: "Set TRAYLOAD_AGENT_CONTAINER, as quay.io/openshift/ironic-agent:latest.",
    });
  const config = agentIgnition({
    container,
    pullSecret,
    ca,
    apiUrl: `${known(context, "provisionUrl")}${agentPath(path)}`,
    token,
    requestId: `req-${uuidOf(context.view.id)}`,
    keepsNetwork: networkData !== null,
    hostName: name,
    ignition: agent?.ignition ?? null,
  });
  return Buffer.from(JSON.stringify(config));
}

/** Makes ready for an agent that is about to boot; what an earlier boot of the disc has told counts no more. */
export async function beginBoot(
  parts: Pick<Parts, "seals" | "agents" | "timing">,
  context: StepContext,
): Promise<void> {
  const node = await context.node();
  const { write, bootMode } = deploymentOf(context);
  const rootDevice = write?.rootDevice ?? node.rootDevice;
  const mode = bootMode ?? node.bootMode;
  const boot: AgentBoot = {
    id: bootIdOf(context),
    nodeUuid: uuidOf(node.id),
    macs: node.macs,
    token: secretsOf(parts, context).token,
    tokenBy: "disc",
    lookupUntilMs: context.nowMs() + WAIT_FOR_AGENT_MS,
    node: {
      properties: {
        cpu_arch: node.arch,
        ...(mode === null ? {} : { capabilities: `boot_mode:${mode}` }),
        ...(rootDevice === null ? {} : { root_device: rootDevice }),
      },
      instanceInfo: {},
    },
    settings: {
      heartbeatTimeoutS: parts.timing.heartbeatS,
      permittedFormats: parts.agents.formats,
      // Only from an image of which somebody said so: the agent runs the installer that is in it.
      mayInstallBiosBootloader: write?.image.kind === "partition",
      requiresTls: true,
    },
    tokenHolder: null,
    contact: null,
  };
  await parts.agents.boots.begin({ ...boot, owner: context.view.id });
  if ((maybe(context, "agentRefused") ?? null) !== null) context.learn({ agentRefused: null });
}

/** The boot as it is, with an agent in it. @throws StepError where there is none */
export async function liveAgent(
  { agents }: Pick<Parts, "agents">,
  context: StepContext,
): Promise<SeenAgent & { boot: { contact: NonNullable<AgentBoot["contact"]> } }> {
  const seen = await agents.boots.see(bootIdOf(context));
  if (seen?.boot.contact !== undefined && seen.boot.contact !== null)
    return { ...seen, boot: { ...seen.boot, contact: seen.boot.contact } };
  throw new StepError("the agent of this boot is not known any more", { code: "internal-error" });
}

/** Whether an agent has reported in this boot. */
export async function isAgentHeard(
  { agents }: Pick<Parts, "agents">,
  context: StepContext,
): Promise<boolean> {
  return ((await agents.boots.see(bootIdOf(context)))?.boot.contact ?? null) !== null;
}

/** Nobody reports any more, and nobody could. */
export async function endAgent(
  { agents, exposures }: Pick<Parts, "agents" | "exposures">,
  context: StepContext,
): Promise<void> {
  await exposures.expire(context.view.id, "agent", null);
  await agents.boots.end(context.view.id);
}
