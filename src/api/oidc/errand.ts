import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { cookieOf } from "../session.ts";

/** What is remembered of a log-in while its browser is at the provider. */
export interface Errand {
  /** Comes back with the browser (RFC 6749, section 10.12). */
  state: string;
  /** Comes back in the ID token. */
  nonce: string;
  /** Of the code (RFC 7636). */
  verifier: string;
}

/**
 * Keeps it in a cookie of the very browser, encrypted, so that any process of the API can take the browser back, and no
 * other browser can be made to end a log-in that it has not begun.
 */
export interface Errands {
  /** @returns what to remember, and for `Set-Cookie` */
  begin(): { errand: Errand; cookie: string };
  /** @returns undefined for none, one of another server, or one that is too old */
  read(headers: Pick<IncomingHttpHeaders, "cookie">): Errand | undefined;
  /** For `Set-Cookie`. */
  forget(): string;
}

/** How long somebody may take at the provider. */
const ERRAND_MS = 10 * 60_000;
const PATH = "/v1/session/oidc";

interface ErrandsParts {
  adminToken: string;
  isSecure: boolean;
  clock: () => number;
}

export function createErrands({ adminToken, isSecure, clock }: ErrandsParts): Errands {
  const key = createHmac("sha256", adminToken).update("trayload oidc v1").digest();
  const name = `trayload-oidc-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
  // The browser comes from another site, which Strict would not let it bring the cookie from.
  const write = (value: string, maxAgeMs: number) =>
    `${name}=${value}; Path=${PATH}; Max-Age=${maxAgeMs / 1000}; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
  return {
    begin: () => {
      const [state, nonce, verifier] = [random(), random(), random()];
      const errand = { state, nonce, verifier };
      const sealed = seal(key, JSON.stringify({ ...errand, untilMs: clock() + ERRAND_MS }));
      return { errand, cookie: write(sealed, ERRAND_MS) };
    },
    read: ({ cookie }) => {
      const text = open(key, cookieOf(cookie, name) ?? "");
      if (text === undefined) return undefined;
      const { untilMs, ...errand } = JSON.parse(text) as Errand & { untilMs: number };
      return untilMs > clock() ? errand : undefined;
    },
    forget: () => write("", 0),
  };
}

/** 256 bits, in the alphabet that PKCE wants. */
function random(): string {
  return randomBytes(32).toString("base64url");
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

function seal(key: Buffer, text: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), hidden]).toString("base64url");
}

function open(key: Buffer, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64url");
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  const iv = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
  } catch {
    return undefined;
  }
}
