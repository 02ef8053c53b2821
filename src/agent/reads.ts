import { checked, lost, unlistable, unreadable } from "./complaints.ts";
import { type Answer, type Sent, sendOnce, Unanswered, type Way } from "./exchange.ts";
import { isObject } from "./json.ts";
import { type CommandResult, readResult } from "./result.ts";

/** When the agent was started, by its own clock: a number that tells one life of it from another. */
export async function readStartedAt(way: Way): Promise<number> {
  const sent: Sent = { method: "GET", path: "/v1/status" };
  const { body } = checked(await read(sent, way), sent, way);
  const at = isObject(body) ? body["started_at"] : undefined;
  if (typeof at === "number") return at;
  throw unreadable(`the status of the agent at ${way.callbackUrl}`);
}

/** All commands since the agent's start, oldest first. */
export async function listCommands(way: Way): Promise<CommandResult[]> {
  const sent: Sent = { method: "GET", path: "/v1/commands/" };
  const { status, body } = await read(sent, way);
  // A result that the agent cannot write down breaks its list for good; what it answers by id is not touched.
  if (status >= 500) throw unlistable(way.callbackUrl);
  checked({ status, body }, sent, way);
  const listed = isObject(body) && Array.isArray(body["commands"]) ? body["commands"] : undefined;
  if (listed === undefined) throw unreadable(`the list of commands of the agent at ${way.callbackUrl}`);
  return listed.map(readResult).filter((result) => result !== undefined);
}

export async function readCommand(way: Way, id: string): Promise<CommandResult> {
  const sent: Sent = { method: "GET", path: `/v1/commands/${encodeURIComponent(id)}` };
  const { body } = checked(await read(sent, way), sent, way);
  const result = readResult(body);
  if (result !== undefined) return result;
  throw unreadable(`the result of a command of the agent at ${way.callbackUrl}`);
}

/** Reads may be repeated: most often a kept connection was closed by the other side. */
async function read(sent: Sent, way: Way): Promise<Answer> {
  const again = (error: unknown): Promise<Answer> => {
    if (error instanceof Unanswered && error.mayHaveActed && !error.isLate) return sendOnce(sent, way);
    throw error;
  };
  return sendOnce(sent, way).catch(again).catch(lost(sent, way));
}
