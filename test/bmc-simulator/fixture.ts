import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { type Lab, type LabOptions, type SimulatedBmc, startLab } from "./index.ts";

/** A disc on an image server that remembers what was read. */
export interface ServedDisc {
  url: string;
  size: number;
  /** `METHOD range` of each request; "GET whole" without a range. */
  reads: string[];
  /** While set, every request is answered with this. */
  status: number | null;
}

const started: { labs: Lab[]; servers: Server[] } = { labs: [], servers: [] };

/** Starts one BMC and a client of it; `endAll` ends both. */
export async function begin(
  options: LabOptions = {},
): Promise<{ lab: Lab; bmc: SimulatedBmc; client: Client }> {
  const lab = await startLab(options);
  started.labs.push(lab);
  const bmc = lab.bmcs[0]!;
  return { lab, bmc, client: clientOf(bmc) };
}

/** @param port a free one unless told */
export async function serveDisc(content: Buffer = makeTinyIso(), port = 0): Promise<ServedDisc> {
  const disc: ServedDisc = { url: "", size: content.length, reads: [], status: null };
  const server = createServer((request, response) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    disc.reads.push(`${request.method} ${range?.[0] ?? "whole"}`);
    if (disc.status !== null) return response.writeHead(disc.status).end();
    if (range === null) return response.writeHead(200, { "content-length": content.length }).end(content);
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]), content.length - 1)];
    const headers = { "content-range": `bytes ${start}-${end}/${content.length}` };
    return response.writeHead(206, headers).end(content.subarray(start, end + 1));
  });
  started.servers.push(server);
  await new Promise<void>((ready) => server.listen(port, "127.0.0.1", ready));
  disc.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x/boot.iso`;
  return disc;
}

/** For `afterEach`. */
export async function endAll(): Promise<void> {
  await Promise.all(started.labs.splice(0).map((lab) => lab.stop()));
  await endDiscs();
}

/** Ends the image servers alone. */
export async function endDiscs(): Promise<void> {
  for (const server of started.servers.splice(0)) {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed; undefined when there was none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into bodies
  json: any;
}

/** A bare client: Basic, no retries, no opinions. */
export interface Client {
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  insert(url: string): Promise<Answer>;
  eject(): Promise<Answer>;
  reset(type: string): Promise<Answer>;
  override(boot: Record<string, string>): Promise<Answer>;
  /** Inserts, overrides once, switches on. */
  bootOnce(url: string): Promise<void>;
}

export function basicOf({ username, password }: SimulatedBmc): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

export function clientOf(bmc: SimulatedBmc): Client {
  async function send(method: string, path: string, body?: unknown, headers = basicOf(bmc)): Promise<Answer> {
    const given = body === undefined ? {} : { body: JSON.stringify(body) };
    const typed = body === undefined ? headers : { ...headers, "content-type": "application/json" };
    const answer = await fetch(`${bmc.address}${path}`, {
      method,
      headers: typed,
      redirect: "manual",
      ...given,
    });
    const text = await answer.text();
    const isJson = text.startsWith("{");
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }

  async function system(): Promise<Answer["json"]> {
    const { json } = await send("GET", "/redfish/v1/Systems");
    return (await send("GET", json.Members[0]["@odata.id"])).json;
  }

  async function slot(): Promise<Answer["json"]> {
    const { VirtualMedia: own, Links: links } = await system();
    const manager = own ? undefined : (await send("GET", links.ManagedBy[0]["@odata.id"])).json;
    const media = await send("GET", (own ?? manager.VirtualMedia)["@odata.id"]);
    return (await send("GET", media.json.Members[0]["@odata.id"])).json;
  }

  const client: Client = {
    send,
    async insert(url) {
      return send("POST", (await slot()).Actions["#VirtualMedia.InsertMedia"].target, { Image: url });
    },
    async eject() {
      return send("POST", (await slot()).Actions["#VirtualMedia.EjectMedia"].target);
    },
    async reset(ResetType) {
      return send("POST", (await system()).Actions["#ComputerSystem.Reset"].target, { ResetType });
    },
    async override(Boot) {
      return send("PATCH", (await system())["@odata.id"], { Boot });
    },
    async bootOnce(url) {
      await client.insert(url);
      await client.override({ BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: "Cd" });
      await client.reset("On");
    },
  };
  return client;
}
