import { createHmac, randomBytes } from "node:crypto";
import { WebhookError } from "./errors.ts";

const PREFIX = "whsec_";

/** As Standard Webhooks writes it: base64 of 24 to 64 bytes behind `whsec_`. */
export function makeSecret(): string {
  return PREFIX + randomBytes(32).toString("base64");
}

/** @throws WebhookError `webhook-secret-invalid` */
export function readSecret(secret: string): Buffer {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : "";
  const key = Buffer.from(text, "base64");
  if (key.length >= 24 && key.length <= 64 && key.toString("base64") === text) return key;
  throw new WebhookError("the webhook's secret cannot be read", {
    code: "webhook-secret-invalid",
    field: "secret",
    hint: "Give `whsec_` and the base64 of 24 to 64 random bytes, or none to have one made.",
  });
}

/** The headers by which a receiver knows who sent this, and that it is fresh (Standard Webhooks 1.0). */
export function signedHeaders(
  id: string,
  nowMs: number,
  body: string,
  secret: string,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac("sha256", readSecret(secret))
    .update(`${id}.${timestamp}.${body}`)
    .digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
