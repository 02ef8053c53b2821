import { AgentError } from "./errors.ts";
import { type Answer, faultOf, type Sent, Unanswered, type Way, whatOf } from "./exchange.ts";

/** Turns an answer that is no success into the error that it is. */
export function checked(answer: Answer, sent: Sent, way: Way): Answer {
  const { status, body } = answer;
  if (status < 400 && status >= 200) return answer;
  const fault = faultOf(body).replaceAll(way.token, "…");
  const what = `${whatOf(sent, way)} was answered ${status}${fault === "" ? "" : ` (${fault})`}`;
  if (status === 401)
    throw new AgentError(what, {
      code: "agent-token-refused",
      retryable: false,
      hint: "The agent was started with another token: an earlier disc, or another Trayload.",
    });
  if (status === 409)
    throw new AgentError(what, { code: "agent-busy", retryable: true, hint: "It does one thing at a time." });
  if (status === 404 && sent.method === "GET") throw restarted(way.callbackUrl);
  throw new AgentError(what, {
    code: "agent-rejected",
    retryable: false,
    hint: "This agent does not know the command, or not these parameters.",
  });
}

/** Turns what was not answered into an error of this room. */
export function lost(sent: Sent, way: Way): (error: unknown) => never {
  return (error) => {
    throw error instanceof Unanswered ? unanswered(sent, way, error) : error;
  };
}

export function unanswered(sent: Sent, way: Way, error: Unanswered): AgentError {
  if (error.cause instanceof AgentError) return error.cause;
  const { code } = error.cause as { code?: string };
  const how = error.isLate ? `within ${way.timeoutMs} ms` : `(${code ?? "connection lost"})`;
  return new AgentError(`no answer to ${whatOf(sent, way)} ${how}`, {
    code: error.isLate ? "agent-timed-out" : "agent-unreachable",
    retryable: true,
    hint: "Trayload must reach port 9999 of the machine, and the machine must be up.",
    cause: error.cause,
  });
}

export function unlistable(callbackUrl: string): AgentError {
  return new AgentError(`the agent at ${callbackUrl} can no longer list its commands`, {
    code: "agent-outcome-unknown",
    retryable: false,
    hint: "Whether a command was begun can no longer be found out; boot the agent anew and start over.",
  });
}

export function restarted(callbackUrl: string): AgentError {
  return new AgentError(`the agent at ${callbackUrl} was restarted and has forgotten its commands`, {
    code: "agent-restarted",
    retryable: false,
    hint: "What it did last may be half done; boot it anew and begin the step again.",
  });
}

export function unreadable(what: string): AgentError {
  return new AgentError(`${what} is not what an agent answers`, {
    code: "agent-answer-unreadable",
    retryable: false,
  });
}
