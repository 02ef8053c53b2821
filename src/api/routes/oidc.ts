import * as z from "zod";
import type { Logger } from "pino";
import type { Tokens } from "../access/tokens.ts";
import type { Answer } from "../answer.ts";
import type { OidcLogIn } from "../oidc/log-in.ts";
import { Problem } from "../problem.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import type { Sessions } from "../session.ts";
import { problems } from "./problems.ts";

interface Parts {
  /** Undefined where no provider is known. */
  oidc: OidcLogIn | undefined;
  sessions: Pick<Sessions, "issue" | "lastsMs">;
  tokens: Pick<Tokens, "logIn">;
  log: Logger;
}

const TAG = "Session";
const word = z.string().max(4096).exactOptional();
const CAME_BACK = z.object({ code: word, state: word, error: word, iss: word });

/** The dashboard's log-in by way of an OpenID Connect provider. Both are asked by browsers that follow a link. */
export function createOidcRoutes(parts: Parts): Route[] {
  return [begin(parts), end(parts)];
}

const begin = (parts: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/session/oidc",
    tag: TAG,
    summary: "Send a browser to the provider of log-ins",
    isOpen: true,
    isLogIn: true,
    responses: {
      303: { description: "To the provider", headers: ["Location", "Set-Cookie"] },
      ...problems(404, 502),
    },
    run: (call) =>
      orBackToThePage(parts, call, async () => {
        const { url, cookie } = await known(parts).begin();
        return { status: 303, headers: { location: url }, cookies: [cookie] };
      }),
  });

const end = (parts: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/session/oidc/callback",
    tag: TAG,
    summary: "Take a browser back from the provider: it is logged in, or refused",
    isOpen: true,
    isLogIn: true,
    isAudited: true,
    query: CAME_BACK,
    responses: {
      303: { description: "To the dashboard", headers: ["Location", "Set-Cookie"] },
      ...problems(400, 403, 404, 502),
    },
    run: (call) => orBackToThePage(parts, call, () => logIn(parts, call)),
  });

async function logIn(
  parts: Parts,
  { query, request, identify, note }: Call<z.output<typeof CAME_BACK>, unknown>,
): Promise<Answer> {
  const oidc = known(parts);
  const person = await oidc.end(query, request.headers);
  const caller = await parts.tokens.logIn(person, parts.sessions.lastsMs);
  identify(caller);
  const { cookie, expiresAt } = await parts.sessions.issue(caller, oidc.isSecure);
  note({ after: { name: caller.name, role: caller.role, scope: caller.scope, expiresAt } });
  return { status: 303, headers: { location: "/" }, cookies: [cookie, oidc.forget()] };
}

function known({ oidc }: Parts): OidcLogIn {
  if (oidc !== undefined) return oidc;
  throw new Problem("oidc-not-set-up", "No provider of log-ins is known.", {
    hint: "TRAYLOAD_OIDC_ISSUER names one.",
  });
}

/** A person is shown the refusal by the log-in page; the reason is for whoever reads the log. */
async function orBackToThePage(
  { log, oidc }: Parts,
  { request, response }: Call<unknown, unknown>,
  answer: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, message } = error;
    log.warn({ code, reason: message, requestId: response.locals.requestId as string }, "a log-in failed");
    if (request.accepts(["json", "html"]) !== "html") throw error;
    const cookies = oidc === undefined ? [] : [oidc.forget()];
    return { status: 303, headers: { location: `/?log-in=${code}` }, cookies, refusal: error };
  }
}
