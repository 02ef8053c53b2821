import { hash } from "node:crypto";
import type { Seals } from "./parts.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Characters of such a secret. */
export const SECRET_LENGTH = 22;

/**
 * The secret in the path of one attempt's disc: 22 base62 characters, at least 128 bits, derived from the master key so
 * that it is kept nowhere and survives a restart.
 */
export function discSecret(seals: Pick<Seals, "derive">, recordId: string, attempt: number): string {
  return base62(seals.derive(`disc/${recordId}/${attempt}`)).slice(0, SECRET_LENGTH);
}

/** The secret in the path of a file that a deployment's agent reads: `disk`, `config-drive` and others. */
export function fileSecret(seals: Pick<Seals, "derive">, recordId: string, name: string): string {
  return base62(seals.derive(`file/${recordId}/${name}`)).slice(0, SECRET_LENGTH);
}

/** The secret in the path to which a BMC posts its events for one deployment. */
export function eventsSecret(seals: Pick<Seals, "derive">, recordId: string): string {
  return base62(seals.derive(`events/${recordId}`)).slice(0, SECRET_LENGTH);
}

/** Tells this installation from others that use the same BMCs; it is no secret. */
export function installationOf(seals: Pick<Seals, "derive">): string {
  return base62(seals.derive("installation")).slice(0, 12);
}

/** Secrets of the agent on one disc: the path below which it calls us, and the token that both show each other. */
export function agentSecrets(
  seals: Pick<Seals, "derive">,
  recordId: string,
  attempt: number,
): { path: string; token: string } {
  const of = (what: string): string => base62(seals.derive(`agent-${what}/${recordId}/${attempt}`));
  return { path: of("path").slice(0, 22), token: of("token") };
}

/** What is kept of a secret: SHA-256, in hex. */
export function hashOf(secret: string): string {
  return hash("sha256", secret);
}

function base62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (; text.length < 43; rest /= 62n) text += ALPHABET[Number(rest % 62n)];
  return text;
}
