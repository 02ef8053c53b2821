import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { readJson } from "./bmc-server.ts";
import { type Answer, refuse } from "./answer.ts";
import type { Fault, Faults } from "./faults.ts";
import type { Profile } from "./profile.ts";
import { render, type Reply, type Route } from "./redfish/index.ts";
import type { BoundedLog, LoggedRequest } from "./request-log.ts";

export interface PipelineParts {
  name: string;
  profile: Profile;
  route: Route;
  faults: Faults;
  log: BoundedLog<LoggedRequest>;
  latencyMs: number;
  isSilent: () => boolean;
}

/** Takes each request through the log, the holds and faults, the resources, and back. */
export function createPipeline(parts: PipelineParts) {
  const { profile, faults, log, latencyMs, isSilent, route } = parts;

  /** Undefined: hang up. */
  async function replyTo(headers: IncomingHttpHeaders, body: unknown, entry: LoggedRequest) {
    const fault = faults.take(entry);
    const held = faults.pause(entry, "before-acting");
    if ((await held) === false) return undefined;
    if (latencyMs > 0) await sleep(latencyMs);
    if (fault?.silent === true) return "silence" as const;
    if (fault !== undefined && fault.afterActing !== true) return renderFault(fault, profile);
    const redirect = profile.dialect === "sushy-tools" ? redirectName(entry.path, parts) : undefined;
    const reply = redirect ?? (await route(headers, { body, entry }));
    const heldAfter = faults.pause(entry, "after-acting");
    if ((await heldAfter) === false) return undefined;
    return fault === undefined ? reply : renderFault(fault, profile);
  }

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const entry = log.add((n) => describe(n, request));
      const body = await readJson(request);
      entry.body = withoutPassword(body);
      // Silence is for those who are waiting already, too, so it is asked again behind each wait.
      if (isSilent()) return;
      const reply = await replyTo(request.headers, body, entry);
      if (isSilent() || reply === "silence") return;
      if (reply === undefined) return void request.socket.destroy();
      if (profile.connection === "close") response.setHeader("connection", "close");
      if (!response.destroyed) Object.assign(entry, { status: reply.status, answeredAt: Date.now() });
      response.writeHead(reply.status, {
        ...reply.headers,
        "content-length": Buffer.byteLength(reply.content),
      });
      response.end(request.method === "HEAD" ? undefined : reply.content);
    } catch (error) {
      // A client that went away while sending needs no answer; anything else is a fault of the simulator's own.
      if (request.destroyed || response.headersSent) return void request.socket.destroy();
      const { status, headers, content } = render(refuse(500, "InternalError", String(error)), profile);
      response.writeHead(status, headers).end(content);
    }
  };
}

function describe(n: number, request: IncomingMessage): LoggedRequest {
  const { authorization, "x-auth-token": token, "if-match": ifMatch, traceparent } = request.headers;
  const isBasic = /^basic /i.test(authorization ?? "");
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  return {
    n,
    method: request.method ?? "GET",
    path: path.length > 1 ? path.replace(/\/+$/, "") : path,
    query,
    body: undefined,
    authorization:
      token !== undefined ? "session" : authorization === undefined ? "none" : isBasic ? "basic" : "other",
    ifMatch: ifMatch ?? null,
    traceparent: typeof traceparent === "string" ? traceparent : null,
    status: null,
    at: Date.now(),
    answeredAt: null,
    acted: false,
  };
}

function withoutPassword(body: unknown): unknown {
  if (body instanceof SyntaxError) return body.message;
  if (typeof body !== "object" || body === null || !("Password" in body)) return body;
  return { ...body, Password: "***" };
}

function renderFault(fault: Fault, profile: Profile): Reply | undefined {
  if (fault.hangUp === true) return undefined;
  const status = fault.status ?? 503;
  const answer: Answer =
    fault.body === undefined
      ? refuse(status, "GeneralError", "A fault was asked for.")
      : typeof fault.body === "string"
        ? { status, text: { type: "text/html", content: fault.body } }
        : { status, body: fault.body as Record<string, unknown> };
  return render({ ...answer, headers: { ...fault.headers } }, profile);
}

/** sushy-tools knows systems by name too and sends the asker on to the id, with a page in HTML. */
function redirectName(path: string, { name, profile }: PipelineParts): Reply | undefined {
  const [, before, after] = new RegExp(`^(/redfish/v1/(?:Systems|Managers))/${name}(/.*)?$`).exec(path) ?? [];
  if (before === undefined) return undefined;
  const location = `${before}/${profile.system.id}${after ?? ""}`;
  const headers = { location, "content-type": "text/html; charset=utf-8" };
  return { status: 307, headers, content: "<!doctype html><title>Redirecting...</title>" };
}
