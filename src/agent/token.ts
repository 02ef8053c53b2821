import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What stands in an answer in place of a token: an agent that has one keeps it, one without stops for good. */
export const MASKED_TOKEN = "******";

/** A fresh token: 256 bits, url-safe, 43 characters; agents take none below 32. */
export function makeAgentToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Compares in a time that tells nothing of the tokens, whatever was offered. */
export function isToken(offered: unknown, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return typeof offered === "string" && timingSafeEqual(digest(offered), digest(token));
}
