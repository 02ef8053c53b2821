import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";
import type { Logger } from "pino";
import { createTokens, type Caller, type Tokens } from "./access/tokens.ts";
import { createWitness } from "./audit/witness.ts";
import { createAuth } from "./auth.ts";
import { describeBodyError } from "./body.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { mountRest, mountRoute, nameRequest } from "./mount.ts";
import { createOidcLogIn, type OidcLogIn } from "./oidc/log-in.ts";
import { mountPage } from "./page.ts";
import type { RouteParts } from "./parts.ts";
import { CODES, describeProblem, Problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { createAgentRoutes } from "./routes/agent.ts";
import { createAuditRoutes } from "./routes/audit.ts";
import { createBlobRoutes } from "./routes/blobs.ts";
import { createCampaignListRoutes } from "./routes/campaign-lists.ts";
import { createCampaignRoutes } from "./routes/campaigns.ts";
import { createDeploymentListRoute } from "./routes/deployment-list.ts";
import { createDeploymentRoutes } from "./routes/deployments.ts";
import { createDescriptionRoutes } from "./routes/description.ts";
import { createEventRoutes } from "./routes/events.ts";
import { createHealthRoutes } from "./routes/health.ts";
import { createImageRoutes } from "./routes/images.ts";
import { createDossierRoute } from "./routes/dossier.ts";
import { createMetricsRoute } from "./routes/metrics.ts";
import { createNodeActionRoutes } from "./routes/node-actions.ts";
import { createNodeListRoute } from "./routes/node-list.ts";
import { createNodeRoutes } from "./routes/nodes.ts";
import { createOidcRoutes } from "./routes/oidc.ts";
import { createQueueRoute } from "./routes/queue.ts";
import { createOperationRoutes } from "./routes/operations.ts";
import { createSessionRoutes } from "./routes/session.ts";
import { createTokenRoutes } from "./routes/tokens.ts";
import { createUpkeepRoute } from "./routes/upkeep.ts";
import { createWebhookRoutes } from "./routes/webhooks.ts";
import { createSessions, type Sessions } from "./session.ts";
import { traceOf } from "./trace.ts";

/** Failed log-ins that one address may make in a minute. */
const FAILED_LOG_INS = 20;

/** How soon an answer that goes on, a stream's, ends after its token has. */
const ASK_AGAIN_MS = 15_000;

/** What routes are made of. */
export interface AllParts extends Omit<RouteParts, "metrics" | "tokens" | "oidc"> {
  metrics: Metrics;
  sessions: Sessions;
  tokens: Tokens;
  oidc: OidcLogIn | undefined;
}

/** All routes, in the order in which the description lists them. */
export function allRoutes(parts: AllParts): Route[] {
  const { metrics, sessions, tokens, oidc } = parts;
  const routes = [
    ...createNodeRoutes(parts),
    createNodeListRoute(parts),
    ...createNodeActionRoutes(parts),
    ...createOperationRoutes(parts),
    createDeploymentListRoute(parts),
    ...createDeploymentRoutes(parts),
    createDossierRoute(parts),
    ...createCampaignListRoutes(parts),
    ...createCampaignRoutes(parts),
    ...createEventRoutes(parts),
    ...createSessionRoutes(sessions, oidc),
    ...createOidcRoutes({ oidc, sessions, tokens, log: parts.log }),
    ...createTokenRoutes({ tokens, clock: parts.clock }),
    ...createWebhookRoutes(parts),
    ...createAuditRoutes(parts),
    ...createAgentRoutes(parts),
    ...createImageRoutes(parts),
    ...createBlobRoutes(parts),
    createUpkeepRoute(parts),
    createQueueRoute(parts),
    ...createHealthRoutes(parts),
    createMetricsRoute(metrics, parts.isMetricsOpen),
  ];
  return [...routes, ...createDescriptionRoutes(routes, parts.version)];
}

function oidcOf({ oidc: settings, adminToken, clock, pace }: RouteParts): OidcLogIn | undefined {
  const keysCooldownMs = pace?.keysCooldownMs;
  const paced = keysCooldownMs === undefined ? {} : { keysCooldownMs };
  return settings && createOidcLogIn({ settings, adminToken, clock, ...paced });
}

/** The application, which does not listen. @param stopping aborted when the server stops */
export function createApp(parts: RouteParts, stopping: AbortSignal): Express {
  const metrics = createMetrics(parts.metrics);
  const { adminToken, clock, log, scopes } = parts;
  const onError = (error: unknown) => log.warn({ err: error }, "a token's use could not be noted");
  const tokens = createTokens({ store: parts.tokens, adminToken, clock, onError });
  const sessions = createSessions({ adminToken, tokens, clock });
  const routes = allRoutes({ ...parts, metrics, sessions, tokens, oidc: oidcOf(parts) });
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  // Whoever else says for whom it asks is not believed: an address counts failed log-ins and stands in the audit.
  app.set("trust proxy", [...parts.apiProxies]);
  app.use(
    nameRequest,
    watch(log, metrics),
    helmet(),
    allowOrigins(parts.corsOrigins),
    refuseWhenStopping(stopping),
  );
  const mounting = {
    auth: createAuth({ tokens, sessions, clock }),
    scopes,
    witness: createWitness(parts),
    idempotency: parts.idempotency,
    onFailedLogIn: limitFailedLogIns(),
    onLogIn: limitFailedLogIns(true),
    onCaller: limitCallers(parts.requestsPerMinute),
    stopping,
    askAgainMs: parts.pace?.askAgainMs ?? ASK_AGAIN_MS,
  };
  for (const route of routes) mountRoute(app, route, mounting);
  if (parts.page !== undefined) mountPage(app, parts.page);
  mountRest(app, routes);
  app.use(answerErrors(log));
  return app;
}

/**
 * A valid token is never refused by this: only failures are counted, and only failures are told so.
 *
 * @param areMixed whether it is asked for log-ins that succeed, too, which do not count
 */
function limitFailedLogIns(areMixed = false): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: FAILED_LOG_INS,
    legacyHeaders: false,
    standardHeaders: false,
    validate: { xForwardedForHeader: false },
    skipSuccessfulRequests: areMixed,
    requestWasSuccessful: (_, { statusCode, locals }) => statusCode < 400 && locals.isRefused !== true,
    handler: (_request, _response, next) =>
      next(
        new Problem("too-many-failed-logins", `More than ${FAILED_LOG_INS} log-ins failed within a minute.`, {
          headers: { "retry-after": "60" },
        }),
      ),
  });
}

/** How long a window is in which requests are counted: short, so that a burst is soon forgiven. */
const WINDOW_MS = 10_000;

/** So that one program that has gone wild leaves the others their answers. */
function limitCallers(perMinute: number): RequestHandler {
  const limit = Math.ceil((perMinute * WINDOW_MS) / 60_000);
  const seconds = WINDOW_MS / 1000;
  return rateLimit({
    windowMs: WINDOW_MS,
    limit,
    legacyHeaders: false,
    standardHeaders: false,
    keyGenerator: (_, response) => (response.locals.caller as Caller).tokenId,
    handler: (_request, _response, next) =>
      next(
        new Problem("too-many-requests", `This token has made more than ${limit} requests in ${seconds} s.`, {
          hint: "Streams (`Accept: text/event-stream`) and `waitMs` need fewer. TRAYLOAD_API_RATE sets the limit.",
          headers: { "retry-after": String(seconds) },
        }),
      ),
  });
}

/** Lets the dashboards of these origins read. */
function allowOrigins(origins: readonly string[]): RequestHandler {
  const preflight = {
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "Authorization, If-None-Match, Last-Event-ID, Traceparent, Tracestate",
    // Without it browsers ask before nearly every poll.
    "access-control-max-age": "7200",
  };
  return (request, response, next) => {
    const { origin } = request.headers;
    if (origins.length > 0) response.vary("origin");
    if (origin === undefined || !origins.includes(origin)) return next();
    response.set("access-control-allow-origin", origin);
    response.set("access-control-expose-headers", "ETag, Retry-After, Location, X-Request-Id");
    if (request.method !== "OPTIONS") return next();
    response.set(preflight).status(204).end();
  };
}

function refuseWhenStopping(stopping: AbortSignal): RequestHandler {
  return (_request, response, next) => {
    if (!stopping.aborted) return next();
    response.set("connection", "close");
    next(new Problem("shutting-down", "The server is stopping.", { headers: { "retry-after": "5" } }));
  };
}

/** Logs and measures each request, by its pattern: a path may hold what a log should not. */
function watch(log: Logger, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.on("close", () => {
      const route = (response.locals.route as string | undefined) ?? "unknown";
      const seconds = (performance.now() - startedAt) / 1000;
      const { method } = request;
      const status = response.statusCode;
      const traceparent = traceOf(request);
      metrics.observe({ method, route, status, seconds });
      log.debug(
        { requestId: response.locals.requestId as string, traceparent, method, route, status, seconds },
        "answered",
      );
    });
    next();
  };
}

function answerErrors(log: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const error = describeBodyError(thrown) ?? thrown;
    const problem = describeProblem(error);
    const requestId = response.locals.requestId as string;
    if (problem.code === "internal-error" || problem.code === "database-unavailable")
      log.error({ err: error, requestId }, "a request could not be answered");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof Problem) response.set(error.headers);
    if (problem.code === "database-unavailable") response.set("retry-after", "5");
    // The rest of a body that was refused unread would be taken for the next request.
    if (problem.status === CODES["body-too-large"][0]) response.set("connection", "close");
    response.status(problem.status).type("application/problem+json");
    response.set("cache-control", "no-store");
    response.send(JSON.stringify({ ...problem, instance: request.path, requestId }));
  };
}
