import { type AgentBoot, type AgentCommand, AgentError, type CommandResult } from "../../agent/index.ts";
import type { Parts } from "../parts.ts";
import type { StepContext, Waiting } from "../step.ts";
import { StepError } from "../errors.ts";
import { refusalOf } from "../inbox.ts";
import { maybe } from "../steps/known.ts";
import { liveAgent } from "./boot.ts";

type Needed = Pick<Parts, "agents" | "timing">;

/**
 * Asks the agent for one thing, once: what stood at the agent before is kept and the command announced before it is sent,
 * so that whoever repeats this, also another process, finds the command that is there instead of sending another.
 *
 * @param key what it is for, within the deployment
 * @param make makes the command, where that takes something; it is not asked while a command is only followed
 * @returns how the command stands
 * @throws AgentError, retryable where the same call may be made again
 */
export async function command(
  { agents, timing }: Needed,
  context: StepContext,
  key: string,
  make: AgentCommand | ((boot: AgentBoot) => Promise<AgentCommand>),
): Promise<CommandResult> {
  const { boot } = await liveAgent({ agents }, context);
  const client = agents.open(boot);
  const begun = maybe(context, "commands")?.[key];
  if (begun !== undefined && begun.id !== null) return client.result(begun.id);
  const asked = typeof make === "function" ? await make(boot) : make;
  const mark = begun?.mark ?? (await client.mark());
  const keep = (id: string | null): void =>
    context.learn({ commands: { ...maybe(context, "commands"), [key]: { mark, id } } });
  if (begun === undefined) keep(null);
  const action = { kind: "agent-command" as const, target: asked.name, limitMs: timing.requestLimitMs };
  await context.intend(action);
  try {
    const result = await client.send(mark, asked, begun === undefined ? "just-now" : "earlier");
    context.answered(action, "answered");
    keep(result.id);
    return result;
  } catch (error) {
    context.answered(action, hasSurelyNotActed(error) ? "refused" : "unknown");
    throw error;
  }
}

function hasSurelyNotActed(error: unknown): boolean {
  return error instanceof AgentError && ["agent-busy", "agent-rejected"].includes(error.code);
}

const AWAY = ["agent-unreachable", "agent-timed-out"];

/**
 * What to make of an agent that cannot be asked just now: it may be busy or its network down, and then it still reports or
 * comes back; one that came back changed, or is silent too, is lost.
 *
 * @returns what to wait for
 * @throws StepError `agent-lost`, or the error itself where it is none of reaching the agent
 */
export async function whileAway(
  parts: Needed,
  context: StepContext,
  error: unknown,
  what: string,
): Promise<Waiting> {
  if (!(error instanceof AgentError)) throw error;
  if (error.code === "agent-busy") return waiting(parts, what, error);
  if (!AWAY.includes(error.code)) throw error;
  const refusal = refusalOf(context.view);
  if (refusal?.why === "contact-changed") throw lost(`it reported as ${refusal.detail}`, error);
  const { beatAtMs } = await liveAgent(parts, context);
  const silentMs = context.nowMs() - Math.max(beatAtMs ?? 0, context.startedMs);
  if (silentMs > parts.timing.agentSilenceMs)
    throw lost(`it has been silent for ${Math.round(silentMs / 1000)} s and cannot be reached`, error);
  return waiting(parts, what, error);
}

function waiting({ timing }: Needed, what: string, { message }: AgentError): Waiting {
  return { kind: "waiting", what, cause: message, lookAgainMs: timing.longestLookMs };
}

function lost(how: string, cause: AgentError): StepError {
  return new StepError(`the agent was lost: ${how}`, {
    code: "agent-lost",
    hint: "The machine may have been restarted or switched off; what the agent did last may be half done. Deploy again.",
    cause,
  });
}
