import { randomUUID } from "node:crypto";
import type { Express, Request, RequestHandler, Response } from "express";
import { type Answer, send, tagOf } from "./answer.ts";
import { admit, type AdmitParts, watchCaller } from "./access/admit.ts";
import type { Caller } from "./access/tokens.ts";
import type { Witness } from "./audit/witness.ts";
import { readBytes, readJson } from "./body.ts";
import { check } from "./check.ts";
import { readIdempotencyKey, runOnce } from "./idempotency.ts";
import type { IdempotencyStore } from "./ports.ts";
import { Problem } from "./problem.ts";
import { type Call, isPolled, type Route } from "./route.ts";

interface MountParts extends AdmitParts {
  witness: Witness;
  idempotency: IdempotencyStore;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

/** Joins a route to the application: log-in, rights, body, checks, idempotency, audit, answer. */
export function mountRoute(app: Express, route: Route, parts: MountParts): void {
  const path = route.path.replace(/\{(\w+)\}/g, ":$1");
  const name: RequestHandler = (_, response, next) => {
    response.locals.route = route.path;
    next();
  };
  const answer: RequestHandler = async (request, response) => {
    const act = () => run(route, request, response, parts);
    const given = await parts.witness.watch(route, request, response, act);
    response.locals.isRefused = given?.refusal !== undefined;
    if (given === undefined || response.headersSent || response.destroyed) return;
    send(request, response, isPolled(route) ? forPollers(given) : given);
  };
  app[route.method](path, name, ...admit(route, parts), readBytes(route.bodyLimit), answer);
}

/** In seconds, where the route knows no better. */
const POLL_AGAIN = "5";

/** What every list and thing carries that may be asked for again: its tag, and when that is worth while. */
function forPollers(given: Answer): Answer {
  if (given.status !== 200 || given.contentType !== undefined) return given;
  const etag = given.etag ?? tagOf(null, given.body);
  return { ...given, etag, headers: { "retry-after": POLL_AGAIN, ...given.headers } };
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
    identify: (whom) => void (response.locals.caller = whom),
    note: (change) => void (response.locals.change = change),
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
