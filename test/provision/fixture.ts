import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobIndex } from "../../src/database/index.ts";
import type { Log } from "../../src/deploy/index.ts";
import { createImageStore, discOfIso, inspectIso, type LocalImageStore } from "../../src/images/index.ts";
import { createProvision, type Provision, type ProvisionParts } from "../../src/provision/index.ts";
import { createWorld, type World } from "../deploy/world.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { until } from "../until.ts";

export const CALLBACK_SECRET = "canary-secret_of_the_call-back-path";
/** Large enough that reads of its system are told from those of its boot. */
export const ISO = makeTinyIso({ sizeBytes: 4 * 1024 * 1024 });
export const SHA256 = createHash("sha256").update(ISO).digest("hex");

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Port of our end, by which a connection that was kept is known. */
  localPort: number | undefined;
}

export interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Our own address, from which is asked. */
  from?: string;
  /** Another listener than the first. */
  of?: Listener;
}

type ListenAt = { host?: string; port?: number; isShared?: boolean };

export interface Listener {
  provision: Provision;
  port: number;
}

/** A world of deployments with a real image store and the listener before it. */
export interface Site extends World {
  images: LocalImageStore;
  iso: string;
  logged: string[];
  /** The first listener, and another replica on the same records. */
  listener: Listener;
  open(changes?: Partial<ProvisionParts>, at?: ListenAt): Promise<Listener>;
  /** A deployment whose disc is in the slot and whose machine was switched on. @returns its id and its disc's path */
  deploy(input?: Parameters<World["submit"]>[0]): Promise<{ id: string; path: string }>;
  ask(path: string, asking?: Asking): Promise<Answer>;
  /** Reads bytes of a disc by a range. */
  readDisc(path: string, start: number, length: number, asking?: Asking): Promise<Answer>;
}

export async function openSite(changes: Partial<ProvisionParts> = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-provision-"));
  const iso = join(folder, "installer.iso");
  writeFileSync(iso, ISO);
  const images = createImageStore({
    folder: join(folder, "store"),
    openIndex: openBlobIndex,
    capBytes: 1e9,
    allow: [folder, "127.0.0.1"],
  });
  const world = await createWorld(undefined, {
    images: {
      admit: (wanted) => images.admit(wanted),
      resolve: (wanted) => images.resolve(wanted),
      check: (wanted, holder) => images.checkSource(wanted, holder),
      ensure: (...given) => images.ensure(...given),
      release: (holder) => images.release(holder),
      makeDisc: async ({ discId, images: { iso } }) => ({
        disc: discOfIso(iso!, await inspectIso(iso!.path), discId),
        told: [],
        warnings: [],
      }),
      admitDisk: async () => ({ format: "raw", warnings: [] }),
    },
  });
  const logged: string[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const listeners: Listener[] = [];

  async function open(
    more: Partial<ProvisionParts> = {},
    at: ListenAt = { host: "127.0.0.1" },
  ): Promise<Listener> {
    const { store, hints, bell, exposures, readCounts, seals, clock } = world.parts;
    const makeAgain = async () => false;
    const agentBoots = world.parts.agents.boots;
    const ports = { makeAgain, agentBoots, store, hints, bell, exposures, readCounts, seals, clock, images };
    const own = { process: `p${listeners.length}`, discSources: "any" as const, log: logTo(logged) };
    const limits = { flushMs: 5, knownMs: 0, ...changes.limits, ...more.limits };
    const provision = createProvision({ ...ports, ...own, ...changes, ...more, limits });
    const { port } = await provision.listen({ port: 0, ...at });
    listeners.push({ provision, port });
    return listeners.at(-1)!;
  }

  const listener = await open();
  const site: Site = {
    ...world,
    images,
    iso,
    logged,
    listener,
    open,
    async deploy(input = {}) {
      const boot = { iso: { url: `file://${iso}`, checksum: `sha256:${SHA256}` } };
      const { id } = await world.submit({ boot, ...input });
      await until(async () => {
        await world.look();
        const { step, error } = await world.get(id);
        if (error !== null) throw new Error(error.message);
        return step === "wait-for-finish";
      });
      return { id, path: new URL(world.stub.slots[0]!.image!).pathname };
    },
    ask: (path, { of = listener, ...asking } = {}) => send(of.port, path, agent, asking),
    readDisc: (path, start, length, asking = {}) =>
      site.ask(path, { ...asking, headers: { range: `bytes=${start}-${start + length - 1}` } }),
    async close() {
      agent.destroy();
      for (const { provision } of listeners) await provision.close(0);
      await images.close();
      await world.close();
      rmSync(folder, { recursive: true });
    },
  };
  return site;
}

function send(
  port: number,
  path: string,
  agent: Agent,
  { method, headers, body, from }: Asking,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const local = from === undefined ? { agent } : { localAddress: from, agent: false };
  const sent = request({ host: "127.0.0.1", port, path, method: method ?? "GET", ...local, headers });
  sent.on("response", (response) => {
    const { statusCode, headers: answered, socket } = response;
    const { localPort } = socket;
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () =>
      resolve({ status: statusCode!, headers: answered, body: Buffer.concat(chunks), localPort }),
    );
  });
  sent.on("error", reject).end(body);
  return promise;
}

function logTo(lines: string[]): Log {
  const keep = (facts: object, message: string): void => {
    const { error } = facts as { error?: unknown };
    lines.push(`${message} ${JSON.stringify(facts)} ${error instanceof Error ? error.stack : ""}`);
  };
  return { info: keep, warn: keep, error: keep };
}
