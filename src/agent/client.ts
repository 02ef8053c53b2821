import type { AgentContact } from "./boot.ts";
import { checked, lost, restarted, unanswered, unreadable } from "./complaints.ts";
import { type AgentExchange, type Sent, sendOnce, Unanswered, type Way, whatOf } from "./exchange.ts";
import { listCommands, readCommand, readStartedAt } from "./reads.ts";
import { type CommandResult, readResult } from "./result.ts";
import { createConnections } from "./tls.ts";

/** A command: `deploy.execute_deploy_step` and its parameters. */
export interface AgentCommand {
  name: string;
  params: object;
  /** Largest answer taken, for log bundles; 4 MiB unless told. */
  mostBytes?: number;
}

/**
 * What stood at an agent before a command. Kept (with the intent) before the command is sent, it tells later, also another
 * process, whether the command was received. Plain data.
 */
export interface CommandMark {
  /** When the agent was started, as it says; with another value its results are gone. */
  startedAt: number;
  /** Ids of all commands until then. */
  ids: string[];
}

/** Speaks to one agent in one boot. */
export interface AgentClient {
  /** @throws AgentError `agent-outcome-unknown` when the agent can no longer list its commands */
  mark(): Promise<CommandMark>;
  /**
   * Sends a command unless it is there already: one of that name that came after the mark is ours, whether its answer was
   * lost or another process sent it. Safe to call again with the same mark.
   *
   * @param since `just-now` when the mark was taken by this very attempt, so that nothing can have come after it by us
   *
   * @throws AgentError retryable when it is not known whether it was received: call again later with the same mark;
   *   `agent-outcome-unknown` when that can no longer be found out; `agent-busy` while another command runs; `agent-restarted` when the agent has forgotten what stood at the mark
   */
  send(mark: CommandMark, command: AgentCommand, since?: "just-now" | "earlier"): Promise<CommandResult>;
  /**
   * How a command stands.
   *
   * @throws AgentError `agent-restarted` when the agent no longer knows it
   */
  result(id: string): Promise<CommandResult>;
  /** Closes the kept connections. */
  close(): void;
}

export interface AgentClientOptions {
  contact: Pick<AgentContact, "callbackUrl" | "certificate">;
  token: string;
  /** Limit of one exchange; 60 s unless told. */
  timeoutMs?: number;
  /** Limit until a connection stands; 10 s unless told. */
  connectMs?: number;
  onExchange?: (exchange: AgentExchange) => void;
}

/** Nothing is sent before the first call. */
export function createAgentClient(options: AgentClientOptions): AgentClient {
  const { contact, token, timeoutMs = 60_000, connectMs = 10_000 } = options;
  const { callbackUrl } = contact;
  const connections = createConnections(callbackUrl, contact.certificate, connectMs);
  const onExchange = options.onExchange ?? (() => undefined);
  const way: Way = { callbackUrl, connections, token, timeoutMs, onExchange };

  return {
    async mark() {
      const startedAt = await readStartedAt(way);
      const ids = (await listCommands(way)).map(({ id }) => id);
      return { startedAt, ids };
    },
    async send(mark, command, since = "earlier") {
      const sent = since === "earlier" ? await findSince(way, mark, command) : undefined;
      return sent ?? post(way, mark, command);
    },
    result: (id) => readCommand(way, id),
    close: () => connections.destroy(),
  };
}

/** The command that came after the mark; undefined when there is none. */
async function findSince(
  way: Way,
  mark: CommandMark,
  { name }: AgentCommand,
): Promise<CommandResult | undefined> {
  if ((await readStartedAt(way)) !== mark.startedAt) throw restarted(way.callbackUrl);
  const plainName = name.split(".").at(-1);
  const ours = (await listCommands(way)).filter(
    (one) => !mark.ids.includes(one.id) && one.name === plainName,
  );
  return ours.at(-1);
}

async function post(way: Way, mark: CommandMark, command: AgentCommand): Promise<CommandResult> {
  const { name, params, mostBytes } = command;
  const limit = mostBytes === undefined ? {} : { mostBytes };
  // The slash matters: without it agents answer with a redirect.
  const sent: Sent = { method: "POST", path: "/v1/commands/?wait=false", json: { name, params }, ...limit };
  try {
    const { body } = checked(await sendOnce(sent, way), sent, way);
    const result = readResult(body);
    if (result === undefined) throw unreadable(`the answer to ${whatOf(sent, way)}`);
    return result;
  } catch (error) {
    if (!(error instanceof Unanswered) || !error.mayHaveActed) return lost(sent, way)(error);
    const found = await findSince(way, mark, command);
    if (found !== undefined) return found;
    // It may be on its way still, so that it is not sent again here; a later call with the same mark looks first.
    throw unanswered(sent, way, error);
  }
}
