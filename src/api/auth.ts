import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Problem } from "./problem.ts";
import { isFromOwnPage, type Sessions } from "./session.ts";

/** Who makes a request. Roles come with more tokens than one. */
export interface Caller {
  /** Names the token, never the token itself. */
  tokenId: string;
}

export interface Auth {
  /** @throws Problem `unauthorized`, `cross-site-request` */
  check(request: { method: string; headers: IncomingHttpHeaders }): Caller;
}

const SAFE_METHODS = ["GET", "HEAD"];

/**
 * Judges `Authorization: Bearer …` against the first admin token, else the session of the dashboard. Hashes are compared, in
 * constant time, so that neither the length nor a prefix of the token can be learned from the time an answer takes.
 *
 * A browser adds the session by itself to whatever request a page makes it send; so it counts for a change only where the
 * page is our own.
 */
export function createAuth(adminToken: string, sessions: Pick<Sessions, "check">): Auth {
  const expected = hash(adminToken);
  return {
    check: ({ method, headers }) => {
      const { authorization } = headers;
      const presented = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "")?.[1];
      if (presented !== undefined && timingSafeEqual(hash(presented), expected)) return { tokenId: "admin" };
      const isAbsent = authorization === undefined || authorization === "";
      if (!isAbsent || sessions.check(headers) === undefined) throw refusal(isAbsent);
      if (SAFE_METHODS.includes(method) || isFromOwnPage(headers)) return { tokenId: "admin" };
      throw new Problem(
        "cross-site-request",
        "A session may change things from the dashboard's own pages only.",
        {
          hint: "Programs send `Authorization: Bearer tl_…`. A proxy in front must pass the Host header on.",
        },
      );
    },
  };
}

function refusal(isAbsent: boolean): Problem {
  const said = isAbsent ? "No token was sent" : "The token that was sent is not valid";
  return new Problem("unauthorized", `${said}.`, {
    hint: "Send `Authorization: Bearer tl_…`; the first token stands in the data directory's admin-token file.",
    headers: { "www-authenticate": `Bearer realm="trayload"${isAbsent ? "" : ', error="invalid_token"'}` },
  });
}

function hash(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
