import { randomUUID } from "node:crypto";
import type { Express, Request, RequestHandler, Response } from "express";
import { type Answer, send } from "./answer.ts";
import { nameOf, rightTo } from "./access/roles.ts";
import type { Scopes } from "./access/scope.ts";
import type { Caller } from "./access/tokens.ts";
import type { Auth } from "./auth.ts";
import { readBytes, readJson } from "./body.ts";
import { check } from "./check.ts";
import { readIdempotencyKey, runOnce } from "./idempotency.ts";
import type { IdempotencyStore } from "./ports.ts";
import { Problem } from "./problem.ts";
import type { Call, Route } from "./route.ts";

interface MountParts {
  auth: Auth;
  scopes: Pick<Scopes, "path">;
  idempotency: IdempotencyStore;
  /** Counts failed log-ins and refuses those that are too many. */
  onFailedLogIn: RequestHandler;
  /** Counts what each caller asks for and refuses what is too much. */
  onCaller: RequestHandler;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
  /** How soon a long answer to somebody whose token has ended ends too, in milliseconds. */
  askAgainMs: number;
}

const NOBODY: Caller = { tokenId: "", name: "", role: "viewer", scope: {}, untilMs: null };

/** Joins a route to the application: log-in, rights, body, checks, idempotency, answer. */
export function mountRoute(app: Express, route: Route, parts: MountParts): void {
  const path = route.path.replace(/\{(\w+)\}/g, ":$1");
  const name: RequestHandler = (_, response, next) => {
    response.locals.route = route.path;
    next();
  };
  const admission = route.isOpen === true ? [admitAnybody] : admit(route, parts);
  const answer: RequestHandler = async (request, response) => {
    const given = await run(route, request, response, parts);
    if (given !== undefined && !response.headersSent && !response.destroyed) send(request, response, given);
  };
  app[route.method](path, name, ...admission, readBytes(route.bodyLimit), answer);
}

const admitAnybody: RequestHandler = (_, response, next) => {
  response.locals.caller = NOBODY;
  next();
};

/** Who it is, whether it asks too much, whether its role may, and whether its scope holds what the path names. */
function admit(route: Route, { auth, scopes, onFailedLogIn, onCaller }: MountParts): RequestHandler[] {
  const { roles, scope } = rightTo(route);
  const logIn: RequestHandler = async (request, response, next) => {
    try {
      response.locals.caller = await auth.check(request);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      await onFailedLogIn(request, response, (refusal?: unknown) => next(refusal ?? error));
      return;
    }
    next();
  };
  const judge: RequestHandler = async (request, response, next) => {
    const caller = response.locals.caller as Caller;
    if (!roles.includes(caller.role)) throw forbidden(route, caller, roles);
    await scopes.path(caller, scope, route.path, String(request.params.id));
    next();
  };
  return [logIn, onCaller, judge];
}

function forbidden(route: Route, { name, role }: Caller, roles: readonly string[]): Problem {
  return new Problem("forbidden", `The token ${name} has the role ${role}, which may not ${nameOf(route)}.`, {
    hint: `It needs a token of one of these roles: ${roles.join(", ")}.`,
  });
}

/** A signal that is aborted when the caller's token ends while an answer goes on, as those of streams do for days. */
function watchCaller({ auth, askAgainMs }: MountParts, caller: Caller, response: Response): AbortSignal {
  const ended = new AbortController();
  const timer = setInterval(() => {
    auth.stillHolds(caller).then(
      (holds) => (holds ? undefined : ended.abort()),
      () => ended.abort(),
    );
  }, askAgainMs);
  timer.unref();
  response.on("close", () => clearInterval(timer));
  return ended.signal;
}

async function run(
  route: Route,
  request: Request,
  response: Response,
  parts: MountParts,
): Promise<Answer | undefined> {
  const { idempotency, stopping } = parts;
  const query: unknown = route.query === undefined ? {} : check(route.query, { ...request.query }, "query");
  const body: unknown = route.body === undefined ? {} : check(route.body, readJson(request) ?? {}, "body");
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const caller = response.locals.caller as Caller;
  const ended = route.isOpen === true ? [] : [watchCaller(parts, caller, response)];
  const call: Call<unknown, unknown> = {
    params: request.params as Record<string, string>,
    query,
    body,
    caller,
    signal: AbortSignal.any([gone.signal, stopping, ...ended]),
    request,
    response,
  };
  const key = route.isIdempotent === true ? readIdempotencyKey(request.get("idempotency-key")) : undefined;
  if (key === undefined) return route.run(call);
  const use = { tokenId: call.caller.tokenId, route: `${route.method.toUpperCase()} ${route.path}`, key };
  const authorization = request.headers.authorization ?? request.headers.cookie ?? "";
  return runOnce(idempotency, { use, path: request.path, body, authorization }, () => route.run(call));
}

/** Names each request, so that an answer and a line of the log can be brought together. */
export const nameRequest: RequestHandler = (_, response, next) => {
  response.locals.requestId = randomUUID();
  response.set("x-request-id", response.locals.requestId as string);
  next();
};

/** What is left over: paths and methods that nothing answers. */
export function mountRest(app: Express, routes: readonly Route[]): void {
  const methods = Map.groupBy(routes, ({ path }) => path);
  for (const [path, group] of methods) {
    const known = group.map(({ method }) => method.toUpperCase());
    const allow = [...known, ...(known.includes("GET") ? ["HEAD"] : [])].join(", ");
    app.all(path.replace(/\{(\w+)\}/g, ":$1"), (request) => {
      throw new Problem("method-not-allowed", `${request.method} is not known here; ${allow} are.`, {
        headers: { allow },
      });
    });
  }
  app.use((request) => {
    throw new Problem("route-not-found", `There is nothing at ${request.path}.`, {
      hint: "The paths are listed in /openapi.json and /docs.",
    });
  });
}
