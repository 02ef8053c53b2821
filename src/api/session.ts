import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

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
 * the server, so that every process of the API knows it: it is its own end time, signed with a key made of the admin token,
 * and ends with that token.
 */
export interface Sessions {
  /** @param isSecure whether the page came over https, and the cookie must not travel without */
  issue(isSecure: boolean): IssuedSession;
  /** For `Set-Cookie`: the browser forgets the session. */
  forget(isSecure: boolean): string;
  /** @returns when the request's session ends; undefined without a valid one */
  check(headers: Pick<IncomingHttpHeaders, "cookie">): { expiresAt: string } | undefined;
}

export function createSessions(adminToken: string, clock: () => number = Date.now): Sessions {
  const key = createHmac("sha256", adminToken).update("trayload session v1").digest();
  // Cookies do not tell ports apart: two servers on one host must not take each other's for theirs.
  const name = `trayload-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
  const sign = (endMs: string) => createHmac("sha256", key).update(endMs).digest("base64url");
  const write = (value: string, maxAge: number, isSecure: boolean) =>
    `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  return {
    issue: (isSecure) => {
      const endMs = clock() + SESSION_MS;
      const value = `${endMs}.${sign(String(endMs))}`;
      return {
        cookie: write(value, SESSION_MS / 1000, isSecure),
        expiresAt: new Date(endMs).toISOString(),
      };
    },
    forget: (isSecure) => write("", 0, isSecure),
    check: ({ cookie }) => {
      const [endMs, signature] =
        /^(\d{1,15})\.([\w-]{43})$/.exec(valueOf(cookie, name) ?? "")?.slice(1) ?? [];
      if (endMs === undefined || signature === undefined) return undefined;
      if (!timingSafeEqual(Buffer.from(sign(endMs)), Buffer.from(signature))) return undefined;
      return Number(endMs) > clock() ? { expiresAt: new Date(Number(endMs)).toISOString() } : undefined;
    },
  };
}

function valueOf(header: string | undefined, name: string): string | undefined {
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
