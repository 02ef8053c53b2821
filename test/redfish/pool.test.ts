import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";
import type { ExchangeReport } from "../../src/redfish/client.ts";
import { createBmcPool, type PoolOptions, type SharedBmcPool } from "../../src/redfish/pool.ts";
import { createMemoryPorts } from "../../src/redfish/ports.ts";
import { fails } from "./fixture.ts";
import { type Service, startService } from "./service.ts";
import { until } from "../until.ts";

const count = (service: Service, line: string) => service.asked().filter((one) => one === line).length;

describe("bmc pool", () => {
  let service: Service;
  const pools: SharedBmcPool[] = [];

  const poolWith = (options: PoolOptions = {}) => {
    const pool = createBmcPool(options);
    pools.push(pool);
    return pool;
  };
  const target = (password = "calvin") => ({
    address: service.peer.address,
    tls: { mode: "verify" } as const,
    credentials: { username: "root", password },
    systemId: null,
  });

  beforeEach(async () => {
    service = await startService();
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
    await service.peer.stop();
  });

  it("touches no network by opening", async () => {
    poolWith().open(target());
    await delay(5);
    assert.equal(service.peer.connections, 0);
  });

  it("describes a BMC with one request per resource, log-in included, and nothing asked twice", async () => {
    const found = await poolWith().open(target()).describe();
    assert.deepEqual(service.asked().toSorted(), [
      "GET /",
      "GET /Managers/1",
      "GET /Systems",
      "GET /Systems/1",
      "GET /Systems/1/VirtualMedia",
      "GET /Systems/1/VirtualMedia/CD1",
      "POST /Sessions",
    ]);
    assert.equal(found.redfishVersion, "1.15.0");
    const silent = { modes: undefined, enabled: undefined, settingsPath: undefined };
    assert.deepEqual(found.boot, { targets: ["Cd", "Hdd"], ...silent });
    assert.deepEqual(JSON.parse(JSON.stringify(found)).slots[0].id, "CD1");
  });

  it("lists the slots of the managers, too, when every slot is asked for", async () => {
    const { slots } = await poolWith().open(target()).describe({ everySlot: true });
    assert.deepEqual(
      slots.map((slot) => `${slot.id}@${slot.under}`),
      ["CD1@system", "CD@manager"],
    );
  });

  it("does a deployment's requests within its budget of sixteen", async () => {
    const pool = poolWith();
    const bmc = pool.open(target());
    const found = await bmc.describe();
    const slot = found.slots[0]!;
    await bmc.insertMedia(slot, "http://10.0.0.1/s/boot.iso");
    await bmc.readSlot(slot);
    await bmc.bootFromDisc(found, slot, { mode: "uefi", persistent: false });
    await bmc.readState(found);
    await bmc.setPower(found, "on");
    await bmc.readState(found);
    await bmc.ejectMedia(slot);
    await bmc.readSlot(slot);
    await pool.close();
    assert.equal(service.asked().length, 16);
    assert.equal(service.tokens.size, 0);
  });

  it("shares one session and connection among all callers of a BMC", async () => {
    const pool = poolWith();
    for (let caller = 0; caller < 3; caller += 1) await pool.open(target()).describe();
    assert.equal(count(service, "POST /Sessions"), 1);
    assert.ok(service.peer.connections <= 4);
    assert.equal(pool.open(target()).localAddress(), "127.0.0.1");
  });

  it("ends an unused session and its connections, and logs in again at the next use", async () => {
    const bmc = poolWith({ idleMs: 20 }).open(target());
    const found = await bmc.describe();
    bmc.release();
    await until(() => service.tokens.size === 0);
    assert.equal(bmc.localAddress(), "127.0.0.1");
    await bmc.readState(found);
    assert.deepEqual([...service.tokens], ["token-2"]);
  });

  it("keeps the connections of so many unused BMCs, and their sessions all the same", async () => {
    const pool = poolWith({ idleConnections: 1 });
    const other = await startService();
    try {
      const found = await pool.open(target()).describe();
      await pool.open({ ...target(), address: other.peer.address }).describe();
      const before = service.peer.connections;
      await pool.open(target()).readState(found);
      assert.equal(service.peer.connections, before + 1);
      assert.deepEqual([...service.tokens], ["token-1"]);
    } finally {
      await pool.close();
      await other.peer.stop();
    }
  });

  it("is closed soon, though a BMC never answers to the end of its session", async () => {
    const pool = poolWith({ logOutMs: 20 });
    await pool.open(target()).describe();
    const answer = Promise.withResolvers<{ body: string }>();
    service.instead["DELETE /Sessions/1"] = () => answer.promise;
    await pool.close();
    assert.equal(count(service, "DELETE /Sessions/1"), 1);
    answer.resolve({ body: "{}" });
  });

  it("keeps the session while a request is under way, however long it takes", async () => {
    const bmc = poolWith({ idleMs: 10 }).open(target());
    const found = await bmc.describe();
    service.instead["GET /Systems/1"] = () => delay(60, { body: "{}" });
    await bmc.readState(found);
    assert.equal(count(service, "DELETE /Sessions/1"), 0);
  });

  it("uses the session of an earlier life instead of leaking it", async () => {
    const ports = createMemoryPorts();
    await poolWith(ports).open(target()).describe();
    await poolWith(ports).open(target()).describe();
    assert.equal(count(service, "POST /Sessions"), 1);
  });

  it("logs in once when two processes find the shared session run out", async () => {
    const ports = createMemoryPorts();
    const bmcs = [poolWith(ports), poolWith(ports)].map((pool) => pool.open(target()));
    const found = await bmcs[0]!.describe();
    await bmcs[1]!.readState(found);
    service.tokens.clear();
    await Promise.all(bmcs.map((bmc) => bmc.readState(found)));
    assert.equal(count(service, "POST /Sessions"), 2);
    assert.deepEqual([...service.tokens], ["token-2"]);
  });

  it("lets another password prove itself instead of using what the former one made", async () => {
    const pool = poolWith(createMemoryPorts());
    const found = await pool.open(target()).describe();
    await fails(pool.open(target("wrong")).readState(found), "bmc-access-denied");
    assert.equal((await pool.open(target()).readState(found)).power, "off");
  });

  it("tries a wrong password once, also after a rest, until it changes or the BMC is reset", async () => {
    const pool = poolWith({ idleMs: 5 });
    const bmc = pool.open(target("wrong"));
    for (let use = 0; use < 3; use += 1) {
      await fails(bmc.describe(), "bmc-access-denied");
      await delay(15);
    }
    assert.equal(count(service, "POST /Sessions"), 1);
    await pool.open(target()).describe();
    assert.equal(count(service, "POST /Sessions"), 2);
    await fails(bmc.describe(), "bmc-access-denied");
    service.password = "wrong";
    await fails(bmc.describe(), "bmc-access-denied");
    await pool.reset(service.peer.address);
    await bmc.describe();
  });

  it("ends at the BMC no session but its own", async () => {
    service.tokens.add("another's");
    const pool = poolWith();
    await pool.open(target()).describe();
    await pool.close();
    assert.deepEqual([...service.tokens], ["another's"]);
  });

  it("ends the former session when a fresh one is refused as well, so that none piles up", async () => {
    const bmc = poolWith().open(target());
    const found = await bmc.describe();
    service.instead["GET /Systems/1"] = { status: 401 };
    for (let use = 0; use < 3; use += 1) await fails(bmc.readState(found), "bmc-access-denied");
    assert.equal(service.tokens.size, 1);
  });

  const INSERT = "POST /Systems/1/VirtualMedia/CD1/Insert";
  const DISC = "http://10.0.0.1/s/boot.iso";

  it("gives an insert the time of a download, and nothing else as much", async () => {
    const limits = { timeoutMs: 1_200, changeTimeoutMs: 1_200, insertTimeoutMs: 60_000 };
    // Two of them, since the changes of one wait for each other.
    const [bmc, other] = [poolWith(limits), poolWith(limits)].map((pool) => pool.open(target()));
    const found = await bmc!.describe();
    let end = (): void => undefined;
    service.instead[INSERT] = () => new Promise((answer) => (end = () => answer({ status: 204 })));
    service.instead["POST /Systems/1/Reset"] = "silence";
    const insert = bmc!.insertMedia(found.slots[0]!, DISC);
    await until(() => count(service, INSERT) === 1);
    // Begun after the insert, with the limit of all other requests, which is over by then.
    assert.ok((await fails(other!.setPower(found, "on"), "bmc-timed-out")).mayHaveActed);
    end();
    await insert;
  });

  it("reads a BMC while inserts fill its budget", async () => {
    const pool = poolWith({ inFlight: 2 });
    const bmc = pool.open(target());
    const found = await bmc.describe();
    let end = (): void => undefined;
    service.instead[INSERT] = () => new Promise((answer) => (end = () => answer({ status: 204 })));
    const other = pool.open({ ...target(), systemId: "1" });
    const inserts = [bmc, other].map((one) => one.insertMedia(found.slots[0]!, DISC));
    await until(() => count(service, INSERT) === 1);
    await bmc.readState(found);
    end();
    await until(() => count(service, INSERT) === 2);
    end();
    await Promise.all(inserts);
  });

  it("sends nothing of a change whose time was over before its turn", async () => {
    const bmc = poolWith({ changeTimeoutMs: 30 }).open(target());
    const found = await bmc.describe();
    let end = (): void => undefined;
    service.instead[INSERT] = () => new Promise((answer) => (end = () => answer({ status: 204 })));
    const first = bmc.insertMedia(found.slots[0]!, DISC);
    await until(() => count(service, INSERT) === 1);
    const second = fails(bmc.setPower(found, "on"), "bmc-timed-out");
    await delay(60);
    end();
    await first;
    assert.ok(!(await second).mayHaveActed);
    assert.equal(count(service, "POST /Systems/1/Reset"), 0);
  });

  it("counts the BMC's task into the time of a change", async () => {
    const bmc = poolWith({ changeTimeoutMs: 1_500 }).open(target());
    const found = await bmc.describe();
    service.instead["POST /Systems/1/Reset"] = { status: 202, headers: { location: "/redfish/v1/Task" } };
    service.instead["GET /Task"] = { status: 202 };
    assert.ok((await fails(bmc.setPower(found, "on"), "bmc-timed-out")).mayHaveActed);
  });

  it("sends the changes of one system one after another", async () => {
    let running = 0;
    let most = 0;
    const bmc = poolWith().open(target());
    const found = await bmc.describe();
    service.instead["POST /Systems/1/Reset"] = async () => {
      most = Math.max(most, (running += 1));
      await delay(10);
      running -= 1;
      return { status: 204 };
    };
    await Promise.all([1, 2, 3].map(() => bmc.setPower(found, "on")));
    assert.equal(most, 1);
  });

  it("has no more requests in flight at an origin than its budget, whoever asks", async () => {
    let running = 0;
    let most = 0;
    const pool = poolWith({ inFlight: 2 });
    const found = await pool.open(target()).describe();
    service.instead["GET /Systems/1"] = async () => {
      most = Math.max(most, (running += 1));
      await delay(5);
      running -= 1;
      return { body: "{}" };
    };
    const others = ["a", "b"].map((username) =>
      pool.open({ ...target(), credentials: { username, password: "calvin" } }),
    );
    await Promise.all([...others, ...others, ...others].map((bmc) => bmc.readState(found)));
    assert.equal(most, 2);
  });

  it("reports every exchange, and no report or error holds a secret", async () => {
    const reports: ExchangeReport[] = [];
    const bmc = poolWith({ onExchange: (report) => void reports.push(report) }).open(target());
    const found = await bmc.describe();
    const url = "http://10.0.0.1:8090/8f1d2c3b4a/boot.iso";
    const echo = { MessageId: "Base.1.0.GeneralError", Message: `cannot fetch ${url} as token-1 of calvin` };
    service.instead["POST /Systems/1/VirtualMedia/CD1/Insert"] = {
      status: 400,
      body: JSON.stringify({ error: { "@Message.ExtendedInfo": [echo] } }),
    };
    const error = await fails(bmc.insertMedia(found.slots[0]!, url), "bmc-rejected");
    assert.match(error.message, /cannot fetch http:\/\/10\.0\.0\.1:8090\/…\/boot\.iso as … of …/);
    assert.deepEqual(reports.at(-1)?.requestBody, { Image: "http://10.0.0.1:8090/…/boot.iso" });
    assert.equal(reports.at(-1)?.status, 400);
    assert.equal(reports.at(-1)?.errorCode, "bmc-rejected");
    const said = "cannot fetch http://10.0.0.1:8090/…/boot.iso as … of …";
    assert.deepEqual(reports.at(-1)?.responseBody, {
      error: { "@Message.ExtendedInfo": [{ ...echo, Message: said }] },
    });
    await service.peer.stop();
    const lost = await fails(bmc.readState(found), "bmc-unreachable");
    for (const said of [reports, error, lost])
      assert.doesNotMatch(inspect(said, { depth: 12, showHidden: true }), /calvin|token-1|8f1d2c3b4a/);
  });
});
