import type { IncomingHttpHeaders } from "node:http";
import type { Caller, Tokens } from "./access/tokens.ts";
import { Problem } from "./problem.ts";
import { isFromOwnPage, type Sessions } from "./session.ts";

export interface Auth {
  /** @throws Problem `unauthorized`, `cross-site-request` */
  check(request: { method: string; headers: IncomingHttpHeaders }): Promise<Caller>;
  /** Whether somebody who was let in would be let in again: long answers ask now and then. */
  stillHolds(caller: Caller): Promise<boolean>;
}

interface AuthParts {
  tokens: Pick<Tokens, "identify" | "byId">;
  sessions: Pick<Sessions, "check">;
  clock: () => number;
}

const SAFE_METHODS = ["GET", "HEAD"];

/**
 * Judges `Authorization: Bearer …` by the tokens, else the session of the dashboard.
 *
 * A browser adds the session by itself to whatever request a page makes it send; so it counts for a change only where the
 * page is our own.
 */
export function createAuth({ tokens, sessions, clock }: AuthParts): Auth {
  return {
    check: async ({ method, headers }) => {
      const { authorization } = headers;
      const isAbsent = authorization === undefined || authorization === "";
      const presented = /^Bearer +([\x21-\x7e]{1,256}) *$/i.exec(authorization ?? "")?.[1];
      const shown = presented === undefined ? undefined : await tokens.identify(presented);
      if (shown !== undefined) return shown.caller;
      const session = isAbsent ? await sessions.check(headers) : undefined;
      if (session === undefined) throw refusal(isAbsent);
      if (SAFE_METHODS.includes(method) || isFromOwnPage(headers)) return session;
      throw new Problem(
        "cross-site-request",
        "A session may change things from the dashboard's own pages only.",
        {
          hint: "Programs send `Authorization: Bearer tl_…`. A proxy in front must pass the Host header on.",
        },
      );
    },
    stillHolds: async ({ tokenId, untilMs }) =>
      (untilMs === null || clock() < untilMs) && (await tokens.byId(tokenId)) !== undefined,
  };
}

function refusal(isAbsent: boolean): Problem {
  const said = isAbsent ? "No token was sent" : "The token that was sent is not valid";
  return new Problem("unauthorized", `${said}.`, {
    hint: "Send `Authorization: Bearer tl_…`; the first token stands in the data directory's admin-token file.",
    headers: { "www-authenticate": `Bearer realm="trayload"${isAbsent ? "" : ', error="invalid_token"'}` },
  });
}
