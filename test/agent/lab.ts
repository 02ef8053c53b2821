import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgentBoot,
  type AgentHappening,
  createAgentServer,
  makeAgentToken,
} from "../../src/agent/index.ts";
import { type AgentOptions, type SimulatedAgent, startSimulatedAgent } from "../bmc-simulator/agent/agent.ts";
import { createMemoryStore, type MemoryStore } from "./memory-store.ts";

export const MAC = "52:54:00:aa:00:01";
export const UUID = "1be26c0b-03f2-4d2e-ae87-c02d7f33c123";

/** A boot as a deployment prepares it. */
export function makeBoot(change: Partial<AgentBoot> = {}): AgentBoot {
  return {
    id: "boot-1",
    nodeUuid: UUID,
    macs: [MAC],
    token: makeAgentToken(),
    tokenBy: "disc",
    lookupUntilMs: Date.now() + 60_000,
    node: { properties: { root_device: { serial: "S-1" } }, instanceInfo: {} },
    settings: {
      heartbeatTimeoutS: 30,
      permittedFormats: ["raw", "gpt", "qcow2"],
      mayInstallBiosBootloader: false,
      requiresTls: true,
    },
    tokenHolder: null,
    contact: null,
    ...change,
  };
}

/** The server's side behind a real listener, as provisioning has it: below a secret path. */
export interface AgentLab {
  apiUrl: string;
  store: MemoryStore;
  happened: AgentHappening[];
  /** Starts an agent that ends with the lab. */
  start(options?: Partial<AgentOptions>): SimulatedAgent;
  /** The same for one whose disc has no token. */
  startWithoutToken(options?: Partial<AgentOptions>): SimulatedAgent;
  stop(): Promise<void>;
}

export async function startAgentLab(boot: Partial<AgentBoot> = {}): Promise<AgentLab> {
  const store = createMemoryStore(makeBoot(boot));
  const happened: AgentHappening[] = [];
  const agents: SimulatedAgent[] = [];
  const folder = await mkdtemp(join(tmpdir(), "trayload-agent-"));
  const served = createAgentServer({ store, clock: Date.now });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!.replace(/^\/a\/SECRET/, "");
    const call = {
      bootId: "boot-1",
      method: request.method!,
      path,
      body: request,
      from: request.socket.remoteAddress!,
    };
    const reply = await served.take(call);
    happened.push(reply.happened);
    const body = reply.body === null ? "" : JSON.stringify(reply.body);
    const closing = reply.closes ? { connection: "close" } : {};
    response.writeHead(reply.status, { "content-type": "application/json", ...closing }).end(body);
  }

  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a/SECRET`;
  const start = (options: Partial<AgentOptions>): SimulatedAgent => {
    const disk = { path: join(folder, `disk-${agents.length}`), sizeBytes: 256 * 1024 * 1024, serial: "S-1" };
    const agent = startSimulatedAgent({ apiUrl, macs: [MAC], disk, ...options });
    agents.push(agent);
    return agent;
  };
  return {
    apiUrl,
    store,
    happened,
    start: (options = {}) => start({ token: store.boot().token, ...options }),
    startWithoutToken: (options = {}) => start(options),
    async stop() {
      await Promise.all(agents.map((agent) => agent.vanish()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
