import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../src/config.ts";
import type { Timing } from "../../src/deploy/index.ts";
import { createLog } from "../../src/log.ts";
import type { Quirk } from "../../src/redfish/index.ts";
import { startTrayload, type Trayload } from "../../src/main.ts";
import { type Lab, type LabOptions, type SimulatedBmc, startLab } from "../bmc-simulator/index.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";

export interface Reply {
  status: number;
  headers: Headers;
  // The tests read what they know to be there.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** The whole product over a lab of simulated BMCs and a web server with one bootable ISO. */
export interface Product {
  trayload: Trayload;
  lab: Lab;
  /** The first BMC of the lab. */
  bmc: SimulatedBmc;
  iso: FileServer;
  /** The data directory. */
  folder: string;
  /** Every line that was logged, at debug. */
  logged: string[];
  /** Every answer that the API gave to `call`, whole. */
  answers: string[];
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  /** Adds the BMC as a node named after it. @returns the answer */
  addNode(bmc?: SimulatedBmc, changes?: Record<string, unknown>): Promise<Reply>;
  /** Asks for a deployment of the ISO on the node of the first BMC. @returns the answer, not the end */
  submit(request?: Record<string, unknown>): Promise<Reply>;
  /** Waits for the end. @returns the deployment */
  end(id: string): Promise<Reply["body"]>;
  /** `submit` and `end`. */
  deploy(request?: Record<string, unknown>): Promise<Reply["body"]>;
  events(id: string): Promise<Reply["body"][]>;
  /** Ends Trayload and starts it again on the same data; the lab lives on. */
  restart(): Promise<void>;
  /** The same, with something done while it does not run. */
  restartAfter(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Waits that firmware needs and a model machine does not. */
const QUICK: Partial<Timing> = {
  lookMs: 50,
  firstRetryMs: 100,
  powerSettleMs: 2_000,
  mediaSettleMs: 1_000,
  overrideSettleMs: 500,
  discAwayMs: 0,
  shutdownMs: 2_000,
  firstReadMs: 4_000,
  leftSilenceMs: 500,
  bootedSilenceMs: 700,
};

export interface ProductOptions extends LabOptions {
  timing?: Partial<Timing>;
  leaseMs?: number;
  quirks?: readonly Quirk[];
  /** Settings by variable name without `TRAYLOAD_`. */
  settings?: Record<string, string>;
  isoBytes?: number;
}

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-product-"));
  const lab = await startLab(options);
  const iso = await startFileServer(makeTinyIso({ sizeBytes: options.isoBytes ?? 2 * 2 ** 20 }));
  const logged: string[] = [];
  const answers: string[] = [];
  let trayload = await start(folder, options, logged);

  const call: Product["call"] = async (method, path, body, headers = {}) => {
    const reply = await ask(trayload, method, path, body, headers);
    answers.push(JSON.stringify([...reply.headers]), reply.text);
    return reply;
  };
  const product: Product = {
    get trayload() {
      return trayload;
    },
    lab,
    bmc: lab.bmcs[0]!,
    iso,
    folder,
    logged,
    answers,
    call,
    addNode: (bmc = product.bmc, changes = {}) =>
      call("POST", "/v1/nodes", { ...nodeOf(bmc, lab), ...changes }),
    submit: (request = {}) =>
      call("POST", "/v1/deployments", {
        node: product.bmc.name,
        boot: { iso: { url: iso.url } },
        ...request,
      }),
    async end(id) {
      const { status, body } = await call("GET", `/v1/deployments/${id}?until=final&waitMs=60000`);
      assert.equal(status, 200, JSON.stringify(body));
      return body.final ? body : product.end(id);
    },
    async deploy(request) {
      const { status, body } = await product.submit(request);
      assert.ok(status < 300, JSON.stringify(body));
      return product.end(body.id);
    },
    events: async (id) => (await call("GET", `/v1/deployments/${id}/events?limit=1000`)).body.items,
    restart: () => product.restartAfter(async () => undefined),
    async restartAfter(meanwhile) {
      // Machines go on with the URLs that they were given.
      const { port } = new URL(trayload.provisionUrl!);
      await trayload.stop();
      await meanwhile();
      const settings = { PROVISION_LISTEN: `127.0.0.1:${port}`, ...options.settings };
      trayload = await start(folder, { ...options, settings }, logged);
    },
    async stop() {
      await trayload.stop();
      await lab.stop();
      await iso.stop();
      rmSync(folder, { recursive: true });
    },
  };
  return product;
}

/** What a person writes of a simulated BMC. */
export function nodeOf(bmc: SimulatedBmc, lab: Pick<Lab, "fingerprint">): Record<string, unknown> {
  const { name, address, username, password } = bmc;
  const tls = lab.fingerprint === null ? {} : { tls: { mode: "pin", fingerprint: lab.fingerprint } };
  return { name, bmc: { address, username, password, ...tls } };
}

function start(folder: string, options: ProductOptions, logged: string[]): Promise<Trayload> {
  const settings = {
    API_LISTEN: "127.0.0.1:0",
    PROVISION_LISTEN: "127.0.0.1:0",
    IMAGE_ALLOW: "127.0.0.0/8,*",
    ...options.settings,
  };
  const env = Object.entries({ DATA_DIR: folder, LOG_LEVEL: "debug", ...settings });
  const config = readConfig(Object.fromEntries(env.map(([name, value]) => [`TRAYLOAD_${name}`, value])));
  const log = createLog({
    level: "debug",
    to: { write: (line: string) => void logged.push(line) },
    isForPeople: false,
  });
  const { quirks, leaseMs } = options;
  return startTrayload(config, {
    log,
    timing: { ...QUICK, ...options.timing },
    ...(quirks && { quirks }),
    ...(leaseMs && { leaseMs }),
  });
}

async function ask(
  { apiUrl, admin }: Trayload,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Reply & { text: string }> {
  const response = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text, text };
}
