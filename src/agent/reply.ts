import type { AgentInspection } from "./boot.ts";
import type { Loose } from "./json.ts";

/** One request of an agent, below its secret path. */
export interface AgentCall {
  bootId: string;
  method: string;
  /** Path behind the secret, with its query: `/v1/lookup?addresses=…`. */
  path: string;
  /** Read only as far as the request may be long. */
  body: AsyncIterable<Buffer>;
  /** Address of the caller. */
  from: string;
}

/** How to answer, and what happened. */
export interface AgentReply {
  status: number;
  /** JSON to send; null for none. */
  body: Loose | null;
  /** Whether to close the connection after it: the body of who is refused may be unread. */
  closes: boolean;
  happened: AgentHappening;
}

/**
 * What a call came to, for whoever counts and audits. `refused` is what a stranger's guess, a wrong machine or an agent
 * that came back changed looks like; it holds nothing secret.
 */
export type AgentHappening =
  | { kind: "nothing" }
  | { kind: "looked-up"; by: "mac" | "uuid"; tokenGiven: boolean }
  | { kind: "beat"; isFirst: boolean }
  | { kind: "inspected"; inspection: AgentInspection }
  | { kind: "refused"; why: Refusal; detail: string };

/** Why a call was refused. Only ever added to. */
export type Refusal =
  | "no-such-path"
  | "boot-over"
  | "other-machine"
  | "window-closed"
  | "token-wrong"
  | "token-held-by-other"
  | "body-too-large"
  | "body-unreadable"
  | "tls-missing"
  | "contact-changed";

const STATUS: Record<Refusal, number> = {
  "no-such-path": 404,
  // As Ironic does, all that concerns which node it is looks alike from outside.
  "boot-over": 404,
  "other-machine": 404,
  "window-closed": 404,
  "token-wrong": 401,
  "token-held-by-other": 404,
  "body-too-large": 413,
  "body-unreadable": 400,
  "tls-missing": 400,
  "contact-changed": 400,
};

/** What the agent writes into its log; who guesses learns no more than that it was wrong. */
const SAID: Record<number, string> = {
  400: "The request cannot be taken as it is",
  401: "The token is not the one of this boot",
  404: "There is no such node in a state that waits for an agent",
  413: "The body is too large",
};

export function refuse(why: Refusal, detail: string): AgentReply {
  const status = STATUS[why];
  const faultcode = "Client";
  const body = { error_message: { faultcode, faultstring: SAID[status]!, debuginfo: null } };
  return { status, body, closes: true, happened: { kind: "refused", why, detail } };
}

export function answer(status: number, body: Loose | null, happened: AgentHappening): AgentReply {
  return { status, body, closes: false, happened };
}
