import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "../certificate.ts";
import type { Commands } from "./commands.ts";
import { refusal } from "./commands.ts";
import type { Steering } from "./control.ts";
import type { AgentOptions, Json } from "./options.ts";

/** What the agent's API asks of the agent behind it. */
export interface ApiParts {
  startedAt: number;
  token: string | undefined;
  commands: Commands;
  /** Called with each request line, as the agent logs it: with its query. */
  onRequest: (line: string) => void;
  steering: Steering;
  apiFault: AgentOptions["apiFault"];
}

/** The API on port 9999; here on a free port. */
export async function openApi(parts: ApiParts, certificate: Certificate | undefined): Promise<Server> {
  const listener: RequestListener = (request, response) => void handle(parts, request, response);
  const { key, cert } = certificate ?? {};
  const server =
    certificate === undefined
      ? createServer(listener)
      : createTlsServer({ key, cert, minVersion: "TLSv1.2" }, listener);
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function handle(parts: ApiParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://agent");
  parts.onRequest(`${request.method} ${request.url}`);
  const path = url.pathname.replace(/^\/v1(?=\/|$)/, "");
  const send = (status: number, body: object): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (request.method === "GET" && ["", "/", "/status"].includes(path))
    return send(200, { started_at: parts.startedAt, version: "12.0.1.dev12" });
  const { apiFault } = parts;
  if (apiFault === "token-refused" || url.searchParams.get("agent_token") !== parts.token)
    return sendOutcome(send, refusal(401, "401 Unauthorized: Token invalid."));
  if (path === "/commands") return void response.writeHead(308, { location: `${url.pathname}/` }).end();
  if (request.method === "GET") return sendRead(parts, path, send);
  if (request.method !== "POST" || path !== "/commands/") return send(404, {});
  const cut = parts.steering.takeCut();
  if (cut === "before") return void request.socket.destroy();
  const outcome =
    apiFault === "command-unknown"
      ? refusal(400, "Invalid command: deploy.get_deploy_steps")
      : await take(parts.commands, await readAll(request));
  if (cut === "after") request.socket.destroy();
  else sendOutcome(send, outcome);
}

type Send = (status: number, body: object) => void;

function sendOutcome(send: Send, { status, body }: { status: number; body: object }): void {
  send(status, body);
}

function sendRead({ commands, apiFault }: ApiParts, path: string, send: Send): void {
  if (path === "/commands/" && (commands.isPoisoned || apiFault === "list-broken"))
    return sendOutcome(send, refusal(500, "Object of type TypeError is not JSON serializable"));
  if (path === "/commands/") return send(200, { commands: commands.results });
  const id = path.replace(/^\/commands\//, "");
  const result = commands.results.find((one) => one.id === id);
  if (result !== undefined) return send(200, result);
  sendOutcome(send, refusal(404, `Not found: Command ${id} not found.`));
}

async function take(commands: Commands, text: string): Promise<{ status: number; body: object }> {
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch {
    return refusal(400, "400 Bad Request: Failed to decode JSON object");
  }
  const { name, params } = body;
  if (typeof name !== "string" || typeof params !== "object" || params === null)
    return refusal(400, "400 Bad Request: Missing or invalid name or params");
  return commands.execute(name, params as Json);
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
