import { X509Certificate } from "node:crypto";
import type { AgentBoot, AgentContact, AgentStore } from "./boot.ts";
import { isObject, type Loose, readBody, readJson, textOf } from "./json.ts";
import { type AgentCall, type AgentReply, answer, refuse } from "./reply.ts";
import { isToken } from "./token.ts";

/** A heartbeat is about one kilobyte, most of it the certificate. */
const BODY_BYTES = 64 * 1024;

/**
 * Answers `POST /v1/heartbeat/<uuid>`: exactly 202 when it is kept. The contact of the first one is fixed for the boot: a
 * token can leak through an agent's own log, and an agent that came back has forgotten its commands anyway.
 */
export async function takeHeartbeat(
  call: AgentCall,
  boot: AgentBoot,
  { store }: { store: AgentStore },
): Promise<AgentReply> {
  const bytes = await readBody(call.body, BODY_BYTES);
  if (bytes === undefined) return refuse("body-too-large", `a heartbeat of more than ${BODY_BYTES} bytes`);
  const body = readJson(bytes);
  if (!isObject(body)) return refuse("body-unreadable", "a heartbeat that is no JSON object");
  // Before all else, so that who has no token learns nothing of what else would be wrong.
  if (!isToken(body["agent_token"], boot.token))
    return refuse("token-wrong", "a heartbeat with a wrong token");
  const contact = readContact(body);
  if (typeof contact === "string") return refuse("body-unreadable", contact);
  if (boot.settings.requiresTls && !contact.callbackUrl.startsWith("https:"))
    return refuse("tls-missing", "an agent that serves its API without TLS");
  const fixed = await store.keepHeartbeat(boot.id, { contact, from: call.from });
  if (fixed === undefined) return refuse("boot-over", "a heartbeat after the end of its boot");
  if (!isSameContact(fixed, contact)) return refuse("contact-changed", changeOf(fixed, contact));
  return answer(202, null, { kind: "beat", isFirst: boot.contact === null });
}

/** Whether both are the same agent in the same life: it makes a certificate each time that it starts. */
export function isSameContact(a: AgentContact, b: AgentContact): boolean {
  return a.callbackUrl === b.callbackUrl && a.certificate === b.certificate;
}

function changeOf(fixed: AgentContact, contact: AgentContact): string {
  return fixed.callbackUrl === contact.callbackUrl
    ? "an agent with another certificate than in its first heartbeat: it was restarted, or is another one"
    : "an agent at another address than in its first heartbeat";
}

/** @returns what is wrong where it cannot be read */
function readContact(body: Loose): AgentContact | string {
  const version = textOf(body["agent_version"]);
  if (version === undefined) return "a heartbeat without agent_version";
  const callbackUrl = readCallbackUrl(body["callback_url"]);
  if (callbackUrl === undefined) return "a heartbeat whose callback_url is no address of an agent";
  const offered = body["agent_verify_ca"];
  const certificate = offered === undefined || offered === null ? null : readCertificate(offered);
  if (certificate === undefined) return "a heartbeat whose agent_verify_ca is no certificate";
  return { version: version.slice(0, 100), callbackUrl, certificate };
}

/** An origin alone: what leads below a path, or holds user info, is no agent's API. */
function readCallbackUrl(offered: unknown): string | undefined {
  const text = textOf(offered);
  if (text === undefined || text.length > 300 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isHttp = url.protocol === "https:" || url.protocol === "http:";
  return isHttp && url.href === `${url.origin}/` ? url.origin : undefined;
}

/** One certificate, as PEM of our own making, so that equal ones are equal texts. */
function readCertificate(offered: unknown): string | undefined {
  const text = textOf(offered);
  try {
    return text === undefined ? undefined : new X509Certificate(text).toString();
  } catch {
    return undefined;
  }
}
