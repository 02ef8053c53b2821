import { isObject, type Loose } from "./json.ts";

/** One message of a BMC (DSP0266, "Error responses" and "Extended information"). */
export interface ExtendedMessage {
  /** Registry id such as `Base.1.8.ActionParameterMissing`; empty where the BMC gave none. */
  id: string;
  text: string;
  args: readonly string[];
  /** JSON pointers or property names the message is about. */
  related: readonly string[];
}

/**
 * Reads the BMC's messages from a body of any shape.
 *
 * Seen in the field: `@Message.ExtendedInfo` as a list, as a single object (Dell iDRAC), inside `error`, at the top
 * level of a success, and absent with only `error.code` and `error.message` (sushy-tools, NVIDIA DGX).
 */
export function readExtendedInfo(body: unknown): ExtendedMessage[] {
  if (!isObject(body)) return [];
  const error = isObject(body["error"]) ? body["error"] : undefined;
  const listed = [error?.["@Message.ExtendedInfo"], body["@Message.ExtendedInfo"]].flat().filter(isObject);
  const messages = listed.map(toMessage).filter((message) => message.id !== "" || message.text !== "");
  const general = error === undefined ? undefined : { id: text(error["code"]), text: text(error["message"]) };
  const saysNothing = messages.every((message) => message.text === "");
  if (general === undefined || (general.id === "" && general.text === "") || !saysNothing) return messages;
  return [...messages, { ...general, args: [], related: [] }];
}

/** Whether a message id ends in this name, whatever the registry's prefix and version. */
export function isMessage(message: ExtendedMessage, name: string): boolean {
  return message.id === name || message.id.endsWith(`.${name}`);
}

function toMessage(entry: Loose): ExtendedMessage {
  return {
    id: text(entry["MessageId"]),
    text: text(entry["Message"]),
    args: strings(entry["MessageArgs"]),
    related: strings(entry["RelatedProperties"]),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function strings(value: unknown): string[] {
  return [value].flat().filter((item): item is string => typeof item === "string");
}
