import * as z from "zod";
import { ROLES } from "../access/roles.ts";
import type { Caller } from "../access/tokens.ts";
import { defineRoute, type Route } from "../route.ts";
import { labels, time } from "../schemas/plain.ts";
import { isFromSecurePage, type Sessions } from "../session.ts";
import { nothing } from "../schemas/operation.ts";

const SESSION = z
  .object({
    signedIn: z.boolean(),
    expiresAt: time.nullable(),
    name: z.string().nullable().meta({ description: "Of the token" }),
    role: z.enum(ROLES).nullable(),
    scope: labels,
  })
  .meta({ id: "Session", description: "Whether this browser is logged in, as whom, and until when" });

/** The dashboard's log-in: whoever has a token gets a cookie for it, and gives it back. */
export function createSessionRoutes(sessions: Sessions): Route[] {
  return [logIn(sessions), read(sessions), logOut(sessions)];
}

const logIn = (sessions: Sessions) =>
  defineRoute({
    method: "post",
    path: "/v1/session",
    tag: "Session",
    summary: "Log a browser in: the token becomes a cookie that no script can read",
    body: nothing,
    responses: { 200: { description: "Logged in", schema: SESSION, headers: ["Set-Cookie"] } },
    run: async ({ request, caller }) => {
      const { cookie, expiresAt } = await sessions.issue(caller, isFromSecurePage(request.headers));
      return { status: 200, body: show(caller, expiresAt), headers: { "set-cookie": cookie } };
    },
  });

const read = (sessions: Sessions) =>
  defineRoute({
    method: "get",
    path: "/v1/session",
    tag: "Session",
    summary: "Whether this browser is logged in",
    isOpen: true,
    responses: { 200: { description: "It is, or is not", schema: SESSION } },
    run: async ({ request }) => {
      const session = await sessions.check(request.headers);
      if (session === undefined) return { status: 200, body: NOBODY };
      return { status: 200, body: show(session, new Date(session.untilMs).toISOString()) };
    },
  });

const NOBODY = { signedIn: false, expiresAt: null, name: null, role: null, scope: {} };

function show({ name, role, scope }: Caller, expiresAt: string): z.input<typeof SESSION> {
  return { signedIn: true, expiresAt, name, role, scope };
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
