import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, modelMachines, startLab } from "../bmc-simulator/index.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { ADMIN_TOKEN, type Api, createApi } from "../kill/api.ts";
import { QUICK } from "../kill/keeper.ts";
import { findPort } from "../kill/ports.ts";
import { type SharedRedis, startRedis } from "../kill/redis.ts";
import { type Server, startServer } from "../kill/server.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { nodeOf } from "../product/fixture.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";

const COUNT = 24;
const LIMITS = { concurrent: 6, perRack: 2, canary: 2 };
const TIMING = { ...QUICK.timing, requestLimitMs: 2_000, insertLimitMs: 2_500 };
const LIMIT_MS = 120_000;

/** Processes that are killed, each when so many nodes have succeeded. */
type Deaths = readonly (readonly [index: number, at: number])[];

describe("a campaign whose processes are killed", function () {
  this.timeout(LIMIT_MS);
  let lab: Lab;
  let iso: FileServer;
  let folder: string;
  let servers: { start(): Promise<Server>; live: Server }[];
  const api: Api = createApi();

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "trayload-campaign-"));
    iso = await startFileServer(makeTinyIso({ sizeBytes: 2 * 2 ** 20 }));
    // Firmware goes on asking while the process that served it is gone.
    lab = await startLab({ count: COUNT, machines: modelMachines({ patienceMs: 30_000, readPauseMs: 20 }) });
    servers = [];
  });
  afterEach(async () => {
    await Promise.all(servers.map(({ live }) => live.stop()));
    await Promise.all([lab.stop(), iso.stop()]);
    rmSync(folder, { recursive: true });
  });

  async function start(settings: Record<string, string>): Promise<void> {
    const shared = { IMAGE_ALLOW: "127.0.0.0/8", LOG_LEVEL: "error", ADMIN_TOKEN };
    const again = () => startServer({ ...QUICK, timing: TIMING, settings: { ...shared, ...settings } });
    servers.push({ start: again, live: await again() });
  }

  /** Plays one campaign, and the deaths on its way. @returns it at its end */
  async function play(deaths: Deaths) {
    api.url = servers[0]!.live.apiUrl;
    for (const [index, bmc] of lab.bmcs.entries()) {
      const node = { ...nodeOf(bmc, lab), site: "ams1", rack: `r${index % 6}` };
      assert.equal((await api.call("POST", "/v1/nodes", node)).status, 201);
    }
    const deployment = { boot: { iso: { url: iso.url } } };
    const asked = { name: "killed", selector: { site: "ams1" }, deployment, limits: LIMITS };
    const { body: made } = await api.call("POST", "/v1/campaigns", asked);
    const left = [...deaths];
    for (;;) {
      const { body } = await api.patiently(() => api.tryTo("GET", `/v1/campaigns/${made.id}?waitMs=1000`));
      assert.ok(body.counts.running <= LIMITS.concurrent, "never more at once");
      if (body.final) return body;
      const [next] = left;
      if (next === undefined || body.counts.succeeded < next[1]) continue;
      left.shift();
      const server = servers[next[0]]!;
      server.live.signal("SIGKILL");
      await server.live.death;
      server.live = await server.start();
      api.url = servers[0]!.live.apiUrl;
    }
  }

  /** By the lab's own counts, and by the records. */
  async function judge(campaign: {
    id: string;
    state: string;
    counts: { succeeded: number };
  }): Promise<void> {
    assert.deepEqual([campaign.state, campaign.counts.succeeded], ["succeeded", COUNT]);
    const { body } = await api.call("GET", "/v1/deployments?limit=500&fields=id,node,campaign,state");
    const made = body.items as { node: { name: string }; campaign: string; state: string }[];
    assert.deepEqual(
      made.map(({ node }) => node.name).toSorted(),
      lab.bmcs.map(({ name }) => name).toSorted(),
      "each node has one deployment",
    );
    assert.ok(made.every((one) => one.campaign === campaign.id && one.state === "succeeded"));
    for (const { name, machine } of lab.bmcs)
      assert.deepEqual(
        machine.boots.map(({ from }) => from),
        ["disc"],
        `${name} was booted once`,
      );
  }

  it("on SQLite deploys each node once, and forgets none", async () => {
    const listen = `127.0.0.1:${await findPort()}`;
    await start({ DATA_DIR: join(folder, "one"), API_LISTEN: "127.0.0.1:0", PROVISION_LISTEN: listen });
    await judge(
      await play([
        [0, 0],
        [0, 5],
        [0, 14],
      ]),
    );
  });

  describe("on PostgreSQL", () => {
    let postgres: PostgresServer;
    let redis: SharedRedis;
    before(async function () {
      needPostgres(this);
      postgres = await startPostgres();
      redis = await startRedis();
    });
    after(async () => {
      await redis?.kill();
      await postgres?.remove();
    });

    it("with three that admit deploys each node once, and forgets none", async () => {
      const listen = `127.0.0.1:${await findPort()}`;
      const keyFile = join(folder, "key");
      writeFileSync(keyFile, `k1:${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
      const shared = {
        DATABASE_URL: postgres.url,
        REDIS_URL: redis.url,
        MASTER_KEY_FILE: keyFile,
        PROVISION_URL: `http://${listen}`,
      };
      const front = { API_LISTEN: "127.0.0.1:0", PROVISION_LISTEN: listen };
      await start({ ...shared, ...front, DATA_DIR: join(folder, "front") });
      for (const name of ["one", "two"])
        await start({ ...shared, ROLES: "worker", DATA_DIR: join(folder, name) });
      await judge(
        await play([
          [1, 0],
          [2, 4],
          [0, 9],
          [1, 15],
        ]),
      );
    });
  });
});
