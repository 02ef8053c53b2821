import { randomUUID } from "node:crypto";
import type { Express, NextFunction, Request, RequestHandler, Response } from "express";
import { type Answer, send } from "./answer.ts";
import type { Auth, Caller } from "./auth.ts";
import { readBytes, readJson } from "./body.ts";
import { check } from "./check.ts";
import { readIdempotencyKey, runOnce } from "./idempotency.ts";
import type { IdempotencyStore } from "./ports.ts";
import { Problem } from "./problem.ts";
import type { Call, Route } from "./route.ts";

interface MountParts {
  auth: Auth;
  idempotency: IdempotencyStore;
  /** Counts failed log-ins and refuses those that are too many. */
  onFailedLogIn: RequestHandler;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

const NOBODY: Caller = { tokenId: "" };

/** Joins a route to the application: log-in, body, checks, idempotency, answer. */
export function mountRoute(app: Express, route: Route, parts: MountParts): void {
  const path = route.path.replace(/\{(\w+)\}/g, ":$1");
  const name: RequestHandler = (_, response, next) => {
    response.locals.route = route.path;
    next();
  };
  const logIn: RequestHandler = (request, response, next) => {
    if (route.isOpen === true) response.locals.caller = NOBODY;
    else if (!tryLogIn(parts.auth, request, response, next, parts.onFailedLogIn)) return;
    next();
  };
  const answer: RequestHandler = async (request, response) => {
    const given = await run(route, request, response, parts);
    if (given !== undefined && !response.headersSent && !response.destroyed) send(request, response, given);
  };
  app[route.method](path, name, logIn, readBytes(route.bodyLimit), answer);
}

function tryLogIn(
  auth: Auth,
  request: Request,
  response: Response,
  next: NextFunction,
  onFailed: RequestHandler,
): boolean {
  try {
    response.locals.caller = auth.check(request);
    return true;
  } catch (error) {
    void onFailed(request, response, (refusal?: unknown) => next(refusal ?? error));
    return false;
  }
}

async function run(
  route: Route,
  request: Request,
  response: Response,
  { idempotency, stopping }: MountParts,
): Promise<Answer | undefined> {
  const query: unknown = route.query === undefined ? {} : check(route.query, { ...request.query }, "query");
  const body: unknown = route.body === undefined ? {} : check(route.body, readJson(request) ?? {}, "body");
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const call: Call<unknown, unknown> = {
    params: request.params as Record<string, string>,
    query,
    body,
    caller: response.locals.caller as Caller,
    signal: AbortSignal.any([gone.signal, stopping]),
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
