import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, modelMachines, type SimulatedBmc, startLab } from "../bmc-simulator/index.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { ADMIN_TOKEN, type Api, createApi } from "../kill/api.ts";
import { QUICK } from "../kill/keeper.ts";
import { findPort } from "../kill/ports.ts";
import { type SharedRedis, startRedis } from "../kill/redis.ts";
import { type Server, startServer } from "../kill/server.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { nodeOf } from "../product/fixture.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";

/** 60 unless told; 300 is what it was made for. */
const COUNT = Number(process.env["TRAYLOAD_GROWING"] ?? 60);
const CREW = { api: 2, worker: 3, provision: 2 } as const;
/** Requests that are asked for at once. */
const AT_ONCE = 8;
/** A successor waits for the limit of the dead one's request, so that a shorter one makes a shorter test. */
const TIMING = { ...QUICK.timing, requestLimitMs: 3_000, insertLimitMs: 4_000 };
const LIMIT_MS = 120_000 + COUNT * 1_000;

type Role = keyof typeof CREW;
const ROLES = Object.keys(CREW) as Role[];

describe(`${COUNT} machines, deployed by 2 processes with the API, 3 that work and 2 that serve`, function () {
  this.timeout(LIMIT_MS);
  let postgres: PostgresServer;
  let redis: SharedRedis;
  let lab: Lab;
  let iso: FileServer;
  let balancer: Balancer;
  let folder: string;
  const crew: Record<Role, Server[]> = { api: [], worker: [], provision: [] };
  const api: Api = createApi();
  const ids = new Map<string, string>();

  before(async function () {
    needPostgres(this);
    folder = mkdtempSync(join(tmpdir(), "trayload-growing-"));
    writeFileSync(join(folder, "key"), `k1:${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
    postgres = await startPostgres();
    redis = await startRedis();
    iso = await startFileServer(makeTinyIso({ sizeBytes: 2 * 2 ** 20 }));
    lab = await startLab({
      count: COUNT,
      profile: "mix",
      // Firmware goes on asking while the process that served it is gone.
      machines: modelMachines({ patienceMs: 30_000, readPauseMs: 20 }),
    });
    await startCrew();
    for (const bmc of lab.bmcs)
      assert.equal((await api.call("POST", "/v1/nodes", nodeOf(bmc, lab))).status, 201);
    await deployAll();
  });
  after(async () => {
    await Promise.all(ROLES.flatMap((role) => crew[role].map((server) => server.stop())));
    await balancer?.stop();
    await Promise.all([lab?.stop(), iso?.stop(), redis?.kill()]);
    await postgres?.remove();
    rmSync(folder, { recursive: true });
  });

  /** Each with a data directory of its own. */
  async function startCrew(): Promise<void> {
    const ports = {} as Record<Role, number[]>;
    for (const role of ROLES) ports[role] = await Promise.all(Array.from({ length: CREW[role] }, findPort));
    const [apiPort, provisionPort] = [await findPort(), await findPort()];
    const shared = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      MASTER_KEY_FILE: join(folder, "key"),
      PROVISION_URL: `http://127.0.0.1:${provisionPort}`,
      API_PROXIES: "127.0.0.1",
      IMAGE_ALLOW: "127.0.0.0/8",
      ADMIN_TOKEN,
      LOG_LEVEL: "error",
    };
    await Promise.all(
      ROLES.flatMap((role) =>
        ports[role].map(async (port, index) => {
          const own = { DATA_DIR: join(folder, `${role}-${index}`), ROLES: role, ...listenOf(role, port) };
          crew[role].push(await startServer({ ...QUICK, timing: TIMING, settings: { ...shared, ...own } }));
        }),
      ),
    );
    balancer = await startBalancer(
      { listen: apiPort, processes: ports.api },
      { listen: provisionPort, processes: ports.provision },
    );
    api.url = balancer.apiUrl;
  }

  /** Deploys all, and kills one of each kind on the way: none of the deployments can have ended before its call-back. */
  async function deployAll(): Promise<void> {
    const workerDied = killWhen("worker", () => poweredOn().length >= COUNT / 4);
    const calls = lab.bmcs.map(async (bmc) => {
      await workerDied;
      await callBack(bmc);
    });
    await submitAll();
    await Promise.all(calls);
    await untilEnded();
  }

  async function submitAll(): Promise<void> {
    const left = [...lab.bmcs];
    const walk = async () => {
      for (let bmc = left.shift(); bmc !== undefined; bmc = left.shift()) {
        ids.set(bmc.name, await submit(bmc));
        if (ids.size === Math.ceil(COUNT / 3)) crew.api[0]!.signal("SIGKILL");
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, walk));
  }

  /** Asks until there is an answer: one that was lost had accepted it if the node is busy now. */
  async function submit(bmc: SimulatedBmc): Promise<string> {
    const request = { node: bmc.name, boot: { iso: { url: iso.url } }, callbackSecret: secretOf(bmc) };
    const { status, body } = await api.patiently(() => api.tryTo("POST", "/v1/deployments", request));
    if (status === 202) return body.id;
    assert.equal(body.code, "node-busy", JSON.stringify(body));
    return body.deploymentId;
  }

  const poweredOn = () =>
    lab.bmcs.filter(({ actions }) =>
      actions.some((action) => action.what === "reset" && action.type === "On"),
    );

  async function killWhen(role: Role, isTime: () => boolean): Promise<void> {
    while (!isTime()) await sleep(10);
    crew[role][0]!.signal("SIGKILL");
    await crew[role][0]!.death;
  }

  let called = 0;
  /** As an installer's last script: until it was heard. */
  async function callBack(bmc: SimulatedBmc): Promise<void> {
    while (bmc.machine.bootState !== "OSRunning") await sleep(20);
    const url = `${balancer.provisionUrl}/c/${secretOf(bmc)}`;
    for (let status = 0; status !== 204; ) {
      status = await fetch(url, { method: "POST" }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status !== 204) await sleep(50);
    }
    called += 1;
    if (called === Math.ceil(COUNT / 4)) crew.provision[0]!.signal("SIGKILL");
  }

  async function untilEnded(): Promise<void> {
    for (;;) {
      const reply = await api.patiently(() =>
        api.tryTo("GET", "/v1/deployments?state=queued,running&fields=id&limit=1"),
      );
      if (reply.body.items.length === 0) return;
      await sleep(200);
    }
  }

  it("all succeed, though one of each kind was killed on the way", async () => {
    for (const role of ROLES)
      assert.deepEqual(crew[role].map(({ isDead }) => isDead).filter(Boolean), [true], role);
    const { body } = await api.call("GET", "/v1/deployments?limit=500&fields=id,state,clean,error");
    const wrong = body.items.filter(
      (one: { state: string; clean: boolean }) => one.state !== "succeeded" || !one.clean,
    );
    assert.deepEqual(wrong, []);
    assert.deepEqual(body.items.map(({ id }: { id: string }) => id).toSorted(), [...ids.values()].toSorted());
  });

  it("were each given their disc once, switched on once and booted from it once, and have an empty tray", () => {
    const counts = lab.bmcs.map(({ name, actions, machine, slots }) => ({
      name,
      inserted: actions.filter(({ what }) => what === "insert").length,
      switchedOn: actions.filter((action) => action.what === "reset" && action.type === "On").length,
      boots: machine.boots.map(({ from }) => from),
      left: slots.filter(({ image }) => image !== null).length,
    }));
    const right = { inserted: 1, switchedOn: 1, boots: ["disc"], left: 0 };
    assert.deepEqual(
      counts,
      counts.map(({ name }) => ({ name, ...right })),
    );
  });
});

function listenOf(role: Role, port: number): Record<string, string> {
  if (role === "api") return { API_LISTEN: `127.0.0.1:${port}` };
  return role === "provision" ? { PROVISION_LISTEN: `127.0.0.1:${port}` } : {};
}

const secretOf = ({ name }: Pick<SimulatedBmc, "name">) => `installer-of-${name}`.padEnd(43, "0");
