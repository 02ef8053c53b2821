import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Caller, Tokens } from "./access/tokens.ts";

/** How long a page may be used before the token is asked for again. */
const SESSION_MS = 12 * 3_600_000;

/** A session as the browser is told to keep it. */
export interface IssuedSession {
  /** For `Set-Cookie`. */
  cookie: string;
  expiresAt: string;
}

/**
 * Sessions of the dashboard: a cookie that no script can read and that goes to this origin alone. Nothing is kept for it on
 * the server, so that every process of the API knows it: it is the token's id and its own end time, signed with a key made
 * of the admin token and the hash of its own. So it ends with its token, and all end with a new admin token.
 */
export interface Sessions {
  /** How long one lasts at most, in milliseconds. */
  readonly lastsMs: number;
  /** @param isSecure whether the page came over https, and the cookie must not travel without */
  issue(caller: Caller, isSecure: boolean): Promise<IssuedSession>;
  /** For `Set-Cookie`: the browser forgets the session. */
  forget(isSecure: boolean): string;
  /** @returns whose session it is and until when; undefined without a valid one */
  check(headers: Pick<IncomingHttpHeaders, "cookie">): Promise<(Caller & { untilMs: number }) | undefined>;
}

interface SessionsParts {
  adminToken: string;
  tokens: Pick<Tokens, "byId">;
  clock: () => number;
}

export function createSessions({ adminToken, tokens, clock }: SessionsParts): Sessions {
  const key = createHmac("sha256", adminToken).update("trayload session v2").digest();
  // Cookies do not tell ports apart: two servers on one host must not take each other's for theirs.
  const name = `trayload-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
  const sign = (text: string, tokenHash: string) => {
    const own = createHmac("sha256", key).update(tokenHash).digest();
    return createHmac("sha256", own).update(text).digest("base64url");
  };
  const write = (value: string, maxAge: number, isSecure: boolean) =>
    `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  return {
    lastsMs: SESSION_MS,
    issue: async (caller, isSecure) => {
      const identity = await tokens.byId(caller.tokenId);
      if (identity === undefined) throw new Error(`the token ${caller.tokenId} ended while it logged in`);
      const endMs = Math.min(clock() + SESSION_MS, caller.untilMs ?? Infinity);
      const text = `${caller.tokenId}.${endMs}`;
      const maxAge = Math.max(0, Math.floor((endMs - clock()) / 1000));
      const cookie = write(`${text}.${sign(text, identity.tokenHash)}`, maxAge, isSecure);
      return { cookie, expiresAt: new Date(endMs).toISOString() };
    },
    forget: (isSecure) => write("", 0, isSecure),
    check: async ({ cookie }) => {
      const parts = /^(\w{1,64})\.(\d{1,15})\.([\w-]{43})$/.exec(cookieOf(cookie, name) ?? "");
      const [tokenId, endMs, signature] = parts?.slice(1) ?? [];
      if (tokenId === undefined || endMs === undefined || signature === undefined) return undefined;
      if (Number(endMs) <= clock()) return undefined;
      const identity = await tokens.byId(tokenId);
      if (identity === undefined) return undefined;
      const expected = sign(`${tokenId}.${endMs}`, identity.tokenHash);
      const isSigned = timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
      return isSigned ? { ...identity.caller, untilMs: Number(endMs) } : undefined;
    },
  };
}

/** The value of a cookie, of a `Cookie` header. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/**
 * Whether a browser says that a page of this very origin sends the request. Browsers set these headers themselves, and no
 * page can change them.
 */
export function isFromOwnPage(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  // Over http, but for loopback, browsers do not say the site.
  return headers.origin !== undefined && URL.parse(headers.origin)?.host === headers.host;
}

/** Whether the page that sends the request came over https, also where a proxy ends the TLS. */
export function isFromSecurePage(headers: IncomingHttpHeaders): boolean {
  return headers.origin?.startsWith("https://") === true;
}
