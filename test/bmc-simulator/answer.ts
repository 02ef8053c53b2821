import type { Profile, Refusal } from "./profile.ts";

/** What a resource answers; the router adds headers, ETag and the dialect's error body. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: Record<string, unknown>;
  /** Sent as it is, in place of a body. */
  text?: { type: string; content: string };
  failure?: Failure;
}

/** A refusal, whichever way the dialect spells it. */
export interface Failure {
  /** A name in the Base message registry (DSP8011), or a whole id of another. */
  messageId: string;
  message: string;
  relatedProperties?: readonly string[];
}

export const NO_CONTENT: Answer = { status: 204 };

export function ok(body: Record<string, unknown>): Answer {
  return { status: 200, body };
}

export function refuse(
  status: number,
  messageId: string,
  message: string,
  relatedProperties?: readonly string[],
): Answer {
  const failure: Failure = { messageId, message, ...(relatedProperties && { relatedProperties }) };
  return { status, failure };
}

/** A refusal in the words that the profile gives it. */
export function refuseAs({ status, messageId, message }: Refusal): Answer {
  return refuse(status, messageId, message);
}

/** Some 400s of sushy-tools are text that calls itself JSON. */
export function mislabelledText(status: number, content: string): Answer {
  return { status, text: { type: "application/json", content } };
}

/** The registry of the standard's own messages (DSP8011), of the version that has all that are said here. */
const BASE = "Base.1.13";

/** With its registry, unless it is a whole id of a maker's own. */
export function messageIdOf(id: string): string {
  return id.includes(".") ? id : `${BASE}.${id}`;
}

export function errorBody(dialect: Profile["dialect"], failure: Failure): Record<string, unknown> {
  const { messageId, message, relatedProperties } = failure;
  if (dialect === "sushy-tools") {
    const code = "Base.1.0.GeneralError";
    return { error: { code, message, "@Message.ExtendedInfo": [{ MessageId: code }] } };
  }
  const entry = {
    "@odata.type": "#Message.v1_1_1.Message",
    MessageId: messageIdOf(messageId),
    Message: message,
    ...(relatedProperties && { RelatedProperties: relatedProperties.map((name) => `#/${name}`) }),
    MessageSeverity: "Critical",
    Severity: "Critical",
    Resolution: "None.",
  };
  const general = "A general error has occurred. See ExtendedInfo for more information.";
  return {
    error: { code: `${BASE}.GeneralError`, message: general, "@Message.ExtendedInfo": [entry] },
  };
}
