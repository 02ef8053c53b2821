import * as z from "zod";
import { allowedTo, ROLES } from "../access/roles.ts";
import type { Caller } from "../access/tokens.ts";
import type { OidcLogIn } from "../oidc/log-in.ts";
import { defineRoute, type Route } from "../route.ts";
import { labels, time } from "../schemas/plain.ts";
import { isFromSecurePage, type Sessions } from "../session.ts";
import { nothing } from "../schemas/operation.ts";

export const shownSession = z
  .object({
    signedIn: z.boolean(),
    expiresAt: time.nullable(),
    name: z.string().nullable().meta({ description: "Of the token" }),
    role: z.enum(ROLES).nullable(),
    scope: labels,
    provider: z
      .object({ label: z.string(), path: z.string() })
      .nullable()
      .meta({ description: "By whom a browser can be logged in besides, and the path that begins it" }),
    may: z.array(z.string()).meta({
      description: "Routes that the role may use, so that a page need not offer what would be refused",
      example: ["GET /v1/nodes"],
    }),
  })
  .meta({ id: "Session", description: "Whether this browser is logged in, as whom, and until when" });

/** The dashboard's log-in: whoever has a token gets a cookie for it, and gives it back. */
export function createSessionRoutes(sessions: Sessions, oidc: Pick<OidcLogIn, "label"> | undefined): Route[] {
  const provider = oidc === undefined ? null : { label: oidc.label, path: "/v1/session/oidc" };
  return [logIn(sessions, provider), read(sessions, provider), logOut(sessions)];
}

type Provider = z.input<typeof shownSession>["provider"];

const logIn = (sessions: Sessions, provider: Provider) =>
  defineRoute({
    method: "post",
    path: "/v1/session",
    tag: "Session",
    summary: "Log a browser in: the token becomes a cookie that no script can read",
    body: nothing,
    responses: { 200: { description: "Logged in", schema: shownSession, headers: ["Set-Cookie"] } },
    run: async ({ request, caller }) => {
      const { cookie, expiresAt } = await sessions.issue(caller, isFromSecurePage(request.headers));
      return {
        status: 200,
        body: { ...show(caller, expiresAt), provider },
        headers: { "set-cookie": cookie },
      };
    },
  });

const read = (sessions: Sessions, provider: Provider) =>
  defineRoute({
    method: "get",
    path: "/v1/session",
    tag: "Session",
    summary: "Whether this browser is logged in",
    isOpen: true,
    responses: { 200: { description: "It is, or is not", schema: shownSession } },
    run: async ({ request }) => {
      const session = await sessions.check(request.headers);
      if (session === undefined) return { status: 200, body: { ...NOBODY, provider } };
      const expiresAt = new Date(session.untilMs).toISOString();
      return { status: 200, body: { ...show(session, expiresAt), provider } };
    },
  });

const NOBODY = { signedIn: false, expiresAt: null, name: null, role: null, scope: {}, may: [] };

function show(
  { name, role, scope }: Caller,
  expiresAt: string,
): Omit<z.input<typeof shownSession>, "provider"> {
  return { signedIn: true, expiresAt, name, role, scope, may: allowedTo(role) };
}

const logOut = (sessions: Sessions) =>
  defineRoute({
    method: "delete",
    path: "/v1/session",
    tag: "Session",
    summary: "Log a browser out",
    responses: { 204: { description: "The browser forgets the cookie", headers: ["Set-Cookie"] } },
    run: async ({ request }) => ({
      status: 204,
      headers: { "set-cookie": sessions.forget(isFromSecurePage(request.headers)) },
    }),
  });
