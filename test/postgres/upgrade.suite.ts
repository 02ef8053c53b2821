import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, startLab } from "../bmc-simulator/index.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { ADMIN_TOKEN, type Api, createApi } from "../kill/api.ts";
import { QUICK } from "../kill/keeper.ts";
import { findPort } from "../kill/ports.ts";
import { type SharedRedis, startRedis } from "../kill/redis.ts";
import { type Server, startServer } from "../kill/server.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { nodeOf } from "../product/fixture.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";

const COUNT = Number(process.env["TRAYLOAD_PARKED"] ?? 100);
const ROOT = join(import.meta.dirname, "../..");
const NEXT = "99.0.0";

/**
 * There is one release yet, so that the next one is made of it: this source with another version, a higher version of its
 * plans, a step's other time limit and a further migration, as a release may have them. When there is a second release, the
 * first one is to take this one's place.
 */
function makeNextRelease(): string {
  const folder = mkdtempSync(join(tmpdir(), "trayload-next-"));
  for (const part of ["src", "test/kill", "package.json"])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(realpathSync(join(ROOT, "node_modules")), join(folder, "node_modules"));
  change(join(folder, "package.json"), /"version": "[^"]+"/, `"version": "${NEXT}"`);
  change(join(folder, "src/deploy/plan.ts"), /PLAN_VERSION = \d+/, "PLAN_VERSION = 99");
  change(
    join(folder, "src/deploy/plan.ts"),
    '"open-bmc", timeoutMs: 5 * MINUTE_MS',
    '"open-bmc", timeoutMs: 6 * MINUTE_MS',
  );
  const added = `"9999-next": { up: (db) => db.schema.alterTable("records").addColumn("next", "text").execute() },\n  };\n}`;
  change(join(folder, "src/database/migrations.ts"), "};\n}", added);
  return folder;
}

function change(file: string, what: string | RegExp, into: string): void {
  const before = readFileSync(file, "utf8");
  const after = before.replace(what, into);
  assert.notEqual(after, before, `${file} has not ${what}`);
  writeFileSync(file, after);
}

describe(`${COUNT} deployments, parked under one release and finished under the next`, function () {
  this.timeout(240_000);
  let postgres: PostgresServer;
  let redis: SharedRedis;
  let lab: Lab;
  let iso: FileServer;
  let folder: string;
  let next: string;
  const live: Server[] = [];
  const api: Api = createApi();
  let shared: Record<string, string>;

  before(async function () {
    needPostgres(this);
    folder = mkdtempSync(join(tmpdir(), "trayload-upgrade-"));
    next = makeNextRelease();
    writeFileSync(join(folder, "key"), `k1:${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
    postgres = await startPostgres();
    redis = await startRedis();
    iso = await startFileServer(makeTinyIso({ sizeBytes: 2 ** 20 }));
    lab = await startLab({ count: COUNT, profile: "mix" });
    shared = {
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      MASTER_KEY_FILE: join(folder, "key"),
      API_LISTEN: "127.0.0.1:0",
      // Both answer on one port, as behind one address.
      PROVISION_LISTEN: `127.0.0.1:${await findPort()}`,
      PROVISION_SHARED: "true",
      IMAGE_ALLOW: "127.0.0.0/8",
      ADMIN_TOKEN,
      LOG_LEVEL: "error",
    };
  });
  after(async () => {
    await Promise.all(live.map((server) => server.stop()));
    await Promise.all([lab?.stop(), iso?.stop(), redis?.kill()]);
    await postgres?.remove();
    for (const made of [folder, next]) rmSync(made, { recursive: true });
  });

  async function start(name: string, release?: string): Promise<Server> {
    mkdirSync(join(folder, name), { recursive: true });
    const settings = { ...shared, DATA_DIR: join(folder, name) };
    const server = await startServer({ ...QUICK, settings, ...(release === undefined ? {} : { release }) });
    live.push(server);
    api.url = server.apiUrl;
    return server;
  }

  const secretOf = (name: string) => `installer-of-${name}`.padEnd(43, "0");
  const list = async () =>
    (await api.call("GET", "/v1/deployments?limit=500&fields=state,step,waitingOn,node,error,clean")).body
      .items as { state: string; step: string; clean: boolean; waitingOn: object | null }[];
  const versionOf = async ({ apiUrl }: Server) =>
    ((await (await fetch(`${apiUrl}/healthz`)).json()) as { version: string }).version;

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await sleep(100);
  }

  async function callBack(from: number, to: number): Promise<void> {
    const port = shared["PROVISION_LISTEN"]!;
    await Promise.all(
      lab.bmcs.slice(from, to).map(async ({ name }) => {
        // One that stops may cut a connection; an installer tries again.
        const post = () =>
          fetch(`http://${port}/c/${secretOf(name)}`, { method: "POST" }).then(
            ({ status }) => status,
            () => 0,
          );
        while ((await post()) !== 204) await sleep(50);
      }),
    );
    await until(async () => (await list()).filter(({ state }) => state === "succeeded").length >= to);
  }

  it("go on while both run, while the older one is started again, and when it is gone", async () => {
    const older = await start("older");
    for (const bmc of lab.bmcs)
      assert.equal((await api.call("POST", "/v1/nodes", nodeOf(bmc, lab))).status, 201);
    for (const { name } of lab.bmcs) {
      const request = { node: name, boot: { iso: { url: iso.url } }, callbackSecret: secretOf(name) };
      assert.equal((await api.call("POST", "/v1/deployments", request)).status, 202);
    }
    await until(async () =>
      (await list()).every(({ step, waitingOn }) => step === "wait-for-finish" && waitingOn !== null),
    );
    const newer = await start("newer", next);
    assert.notEqual(await versionOf(older), NEXT);
    assert.equal(await versionOf(newer), NEXT);
    await callBack(0, Math.floor(COUNT / 3));
    older.signal("SIGKILL");
    await older.death;
    const again = await start("older");
    await callBack(0, Math.floor((2 * COUNT) / 3));
    await again.stop();
    api.url = newer.apiUrl;
    await callBack(0, COUNT);
    const ended = await list();
    assert.deepEqual(
      ended.filter(({ state, clean }) => state !== "succeeded" || !clean),
      [],
    );
    const machines = lab.bmcs.map(({ machine, slots }) => [
      machine.boots.length,
      slots.some(({ image }) => image !== null),
    ]);
    assert.deepEqual(
      machines,
      machines.map(() => [1, false]),
    );
  });
});
