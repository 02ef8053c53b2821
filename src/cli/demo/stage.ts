import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, modelMachines, startLab } from "../../../test/bmc-simulator/index.ts";
import { makeTinyIso } from "../../../test/media/tiny-iso.ts";
import type { DemoOptions } from "../commands/demo.ts";
import { readConfig } from "../../config.ts";
import { startTrayload, type Trayload } from "../../main.ts";

/** Everything that the demo plays on. */
export interface Stage {
  lab: Lab;
  image: { url: string; checksum: string; sizeBytes: number };
  trayload: Trayload & { apiUrl: string; provisionUrl: string };
  /** The data directory, which goes with the stage. */
  folder: string;
  clear(): Promise<void>;
}

export const BMCS = 3;
/** So slow that the reading of a small ISO can be watched. */
const READING = { readShare: 0.8, rangeBytes: 512 * 2 ** 10, readPauseMs: 25 };
/** Between a change that is asked of a simulated BMC and the change, as it would be seen at a real one. */
const PACE_MS = 150;

/** Sets up lab, image and server, each on free ports of loopback. @throws what any of them throws, with all ended */
export async function setStage({ profile, imageMib }: DemoOptions): Promise<Stage> {
  const ends: (() => unknown)[] = [];
  const clear = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const machines = modelMachines(READING);
    const lab = await startLab({ count: BMCS, profile, machines, pace: { ms: PACE_MS } });
    ends.push(() => lab.stop());
    const image = await serveImage(imageMib * 2 ** 20, ends);
    const folder = mkdtempSync(join(tmpdir(), "trayload-demo-"));
    ends.push(() => rmSync(folder, { recursive: true }));
    const trayload = await startServer(folder);
    ends.push(() => trayload.stop());
    return { lab, image, trayload, folder, clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** An image server, as there is one in every data centre. */
async function serveImage(sizeBytes: number, ends: (() => unknown)[]): Promise<Stage["image"]> {
  const iso = makeTinyIso({ label: "DEMO", sizeBytes });
  const server = createServer((_, response) =>
    response.writeHead(200, { "content-length": iso.length }).end(iso),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  ends.push(() => close(server));
  const { port } = server.address() as { port: number };
  const checksum = `sha256:${createHash("sha256").update(iso).digest("hex")}`;
  return { url: `http://127.0.0.1:${port}/demo.iso`, checksum, sizeBytes: iso.length };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** The product as `serve` starts it, but for nobody else: no setting of this machine counts here. */
async function startServer(folder: string): Promise<Stage["trayload"]> {
  const config = readConfig({
    TRAYLOAD_DATA_DIR: folder,
    TRAYLOAD_API_LISTEN: "127.0.0.1:0",
    TRAYLOAD_PROVISION_LISTEN: "127.0.0.1:0",
    TRAYLOAD_IMAGE_ALLOW: "127.0.0.0/8,*",
    TRAYLOAD_LOG_LEVEL: "warn",
  });
  const trayload = await startTrayload(config);
  const { apiUrl, provisionUrl } = trayload;
  if (apiUrl === undefined || provisionUrl === undefined) throw new Error("the demo plays all roles");
  return { ...trayload, apiUrl, provisionUrl };
}
