import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asModelMachine, modelMachines, type SimulatedBmc, startLab } from "../bmc-simulator/index.ts";
import { makeCertificate } from "../bmc-simulator/certificate.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { makeDisk } from "../media/disks.ts";
import { makeBootloaders, serveAgentImages } from "../product/agent-images.ts";
import { type Api, createApi } from "./api.ts";
import { LOST_AFTER_MS, PATIENCE_MS } from "./bounds.ts";
import { QUICK } from "./keeper.ts";
import { type KeptProcess, keepProcess } from "./kept-process.ts";
import { findPort } from "./ports.ts";

/** One machine whose disk an agent writes, and the one process of Trayload that has it do so. */
export interface AgentKeeper extends Pick<KeptProcess, "server" | "restart" | "stop"> {
  /** Has a deployment accepted. */
  begin(): Promise<Begun>;
  /** Waits for its end through deaths, and gives what came of it. */
  end(begun: Begun): Promise<AgentVerdict>;
}

export interface Begun {
  id: string;
  /** How often the machine had been booted before. */
  boots: number;
}

/** What came of one deployment, as the lab saw it. */
export interface AgentVerdict {
  state: string;
  clean: boolean;
  /** Commands that agents began, in order. */
  commands: readonly string[];
  /** From where the machine was booted, in order. */
  boots: string[];
  /** How often the image was read. */
  imagesRead: number;
  /** For a failure that is to be understood. */
  events: unknown;
}

const DISK = makeDisk({ efi: true });
const NODE = "machine";
const TIME_SCALE = 0.002;

export async function openAgentKeeper(): Promise<AgentKeeper> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "trayload-kill-agent-"));
  opened.defer(() => rmSync(folder, { recursive: true }));
  const images = await serveAgentImages();
  opened.defer(() => images.stop());
  // The agent reads it from there, so that the image does not die with the process.
  const source = await startFileServer(DISK);
  opened.defer(() => source.stop());
  const certificate = makeCertificate();
  const agent = {
    timeScale: TIME_SCALE,
    lookupTimeoutS: PATIENCE_MS / 1000 / TIME_SCALE,
    certificate,
    disk: { sizeBytes: 2 ** 28 },
  };
  const lab = await startLab({ machines: modelMachines({ patienceMs: PATIENCE_MS, agent }) });
  opened.defer(() => lab.stop());
  const [bmc] = lab.bmcs as [SimulatedBmc];
  const api = createApi();
  const manner = { ...QUICK, timing: { ...QUICK.timing, heartbeatS: 60, agentLookMs: 200 } };
  const settings = { BOOTLOADER_X86_64: makeBootloaders(folder) };
  const kept = await keepProcess({ ...manner, settings }, await findPort(), (url) => (api.url = url));
  opened.defer(() => kept.stop());
  await moveIn(api, bmc, images);
  const all = opened.move();
  return {
    get server() {
      return kept.server;
    },
    restart: () => kept.restart(),
    begin: () => begin(api, bmc, source),
    end: (begun) => end(api, bmc, source, begun),
    stop: () => all.disposeAsync(),
  };
}

type Images = Awaited<ReturnType<typeof serveAgentImages>>;

async function moveIn(api: Api, bmc: SimulatedBmc, { kernel, ramdisk }: Images): Promise<void> {
  const { address, username, password, macs } = bmc;
  const node = { name: NODE, bmc: { address, username, password }, macs };
  assert.equal((await api.call("POST", "/v1/nodes", node)).status, 201);
  const set = await api.call("PUT", "/v1/settings/agent-images", { x86_64: { kernel, ramdisk } });
  assert.equal(set.status, 200);
}

async function begin(api: Api, bmc: SimulatedBmc, source: FileServer): Promise<Begun> {
  source.requests.length = 0;
  await bmc.machine.forceOff();
  const checksum = `sha256:${createHash("sha256").update(DISK).digest("hex")}`;
  const write = { image: { url: source.url, checksum, format: "raw" }, from: "source" };
  const asked = await api.call("POST", "/v1/deployments", { node: NODE, write });
  assert.equal(asked.status, 202, JSON.stringify(asked.body));
  return { id: asked.body.id, boots: bmc.machine.boots.length };
}

async function end(
  api: Api,
  bmc: SimulatedBmc,
  source: FileServer,
  { id, boots }: Begun,
): Promise<AgentVerdict> {
  const path = `/v1/deployments/${id}`;
  const limit = performance.now() + LOST_AFTER_MS;
  const ended = await api.patiently(async () => {
    const reply = await api.tryTo("GET", `${path}?until=final&waitMs=2000`);
    const isOver = reply?.body.final === true || performance.now() > limit;
    return isOver ? reply?.body : undefined;
  });
  const { body: events } = await api.patiently(() => api.tryTo("GET", `${path}/events?limit=1000`));
  return {
    state: ended.state,
    clean: ended.clean,
    commands: asModelMachine(bmc.machine).agent!.executed,
    boots: bmc.machine.boots.slice(boots).map(({ from }) => from),
    imagesRead: source.requests.filter(isWhole).length,
    events: [ended.error, ended.warnings, events],
  };
}

/** The server asks for a part of it only, to see that it is there. */
function isWhole({ method, headers }: FileServer["requests"][number]): boolean {
  return method === "GET" && headers.range === undefined;
}
