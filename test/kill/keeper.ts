import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_TOKEN } from "./api.ts";
import { type House, openHouse } from "./house.ts";
import { type Manner, type Server, startServer } from "./server.ts";

/** A lab of machines and the one process of Trayload that works on them, with SQLite and a private Redis. */
export interface Keeper {
  house: House;
  /** The process of this moment. */
  readonly server: Server;
  /** The data directory. */
  folder: string;
  /** Starts the next process on the same data; the one before is dead. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Waits that firmware needs and model machines do not; what settles is given more than the slower machines' lag. */
export const QUICK: Omit<Manner, "settings"> = {
  timing: {
    lookMs: 30,
    longestLookMs: 200,
    powerSettleMs: 900,
    mediaSettleMs: 400,
    overrideSettleMs: 300,
    requestLimitMs: 3_000,
    insertLimitMs: 3_000,
  },
  leaseMs: 1_500,
};

export async function openKeeper(): Promise<Keeper> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-kill-"));
  const port = await findPort();
  const house = await openHouse(port);
  const settings = {
    DATA_DIR: folder,
    API_LISTEN: "127.0.0.1:0",
    // The same in each life, as slots hold URLs with it.
    PROVISION_LISTEN: `127.0.0.1:${port}`,
    IMAGE_ALLOW: "127.0.0.0/8",
    ADMIN_TOKEN,
    LOG_LEVEL: "warn",
  };
  const start = async () => {
    const started = await startServer({ ...QUICK, settings });
    house.api.url = started.apiUrl;
    return started;
  };
  let server = await start();
  await house.moveIn();
  return {
    house,
    folder,
    get server() {
      return server;
    },
    async restart() {
      server = await start();
    },
    async stop() {
      await server.stop();
      await house.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A port that was free a moment ago. */
export async function findPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resume) => probe.listen(0, "127.0.0.1", resume));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resume) => probe.close(resume));
  return port;
}
