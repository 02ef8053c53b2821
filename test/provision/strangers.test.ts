import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ProvisionError } from "../../src/provision/index.ts";
import { until } from "../until.ts";
import { CALLBACK_SECRET, ISO, openSite, type Site } from "./fixture.ts";

const UNKNOWN = `/${"0".repeat(22)}/boot.iso`;

describe("a stranger at the provisioning listener", () => {
  let site: Site;
  let sockets: Socket[];
  beforeEach(() => {
    sockets = [];
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await site.close();
  });

  const open = (): Socket => {
    const socket = connect(site.listener.port, "127.0.0.1");
    socket.on("error", () => undefined);
    sockets.push(socket);
    return socket;
  };
  const textOf = async (socket: Socket): Promise<string> => {
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await once(socket, "close");
    return text;
  };

  it("finds nothing, whatever is asked for", async () => {
    site = await openSite();
    const { path } = await site.deploy({ callbackSecret: CALLBACK_SECRET });
    const secret = path.split("/")[1]!;
    const paths = ["/", "/c/", "/v1/nodes", UNKNOWN, `/${secret}`, `/${secret}/`, `/${secret}/other.iso`];
    paths.push(
      `/c/${secret}`,
      `/${CALLBACK_SECRET}/boot.iso`,
      `/x/../${secret}/boot.iso`,
      `${path}/`,
      "/%2e%2e/etc",
    );
    for (const asked of paths)
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        const answer = await site.ask(asked, { method, from: `127.0.1.${paths.indexOf(asked) + 1}` });
        assert.deepEqual([answer.status, answer.body.length], [404, 0], `${method} ${asked}`);
      }
  });

  it("makes us look just as long for what cannot be as for what might", async () => {
    const looked: string[] = [];
    const find = async (hash: string) => void looked.push(hash);
    site = await openSite({ exposures: { find: find as never } });
    for (const asked of ["/", UNKNOWN, `/c/${CALLBACK_SECRET}`]) await site.ask(asked);
    assert.equal(looked.length, 3);
    for (const hash of looked) assert.match(hash, /^[0-9a-f]{64}$/);
  });

  it("is told to go slow after many guesses, which stops nobody's disc", async () => {
    site = await openSite();
    const { path } = await site.deploy({ callbackSecret: CALLBACK_SECRET });
    const statuses = [];
    for (let count = 0; count < 40; count += 1) statuses.push((await site.ask(UNKNOWN)).status);
    assert.deepEqual([statuses.indexOf(429), statuses.at(-1)], [30, 429]);
    assert.equal((await site.readDisc(path, 0, 1)).status, 206);
    assert.equal((await site.ask(`/c/${CALLBACK_SECRET}`, { method: "POST" })).status, 204);
    assert.equal((await site.ask(UNKNOWN, { from: "127.0.0.9" })).status, 404, "others are not to blame");
    assert.equal(site.logged.filter((line) => /paths that do not exist/.test(line)).length, 1);
    site.skip(4_000);
    assert.equal((await site.ask(UNKNOWN)).status, 404);
  });

  it("may not keep a connection without asking, nor ask for ever", async () => {
    site = await openSite({ limits: { headerMs: 50, requestMs: 100 } });
    await site.deploy({ callbackSecret: CALLBACK_SECRET });
    await textOf(open());
    const slow = open();
    slow.write("GET /");
    assert.match(await textOf(slow), /^HTTP\/1\.1 408 /);
    const body = open();
    body.write(`POST /c/${CALLBACK_SECRET} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nstatus=`);
    assert.match(await textOf(body), /^HTTP\/1\.1 408 /);
  });

  it("may not keep an answered connection", async () => {
    site = await openSite({ limits: { idleMs: 20 } });
    const { path } = await site.deploy();
    const idle = open();
    idle.write(`HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.match(await textOf(idle), /^HTTP\/1\.1 200 /);
  });

  it("may not keep a connection on which nothing moves", async () => {
    site = await openSite({ limits: { stallMs: 100 } });
    const { path } = await site.deploy();
    const ends = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const before = ends();
    const stalled = open();
    // More than the buffers on the way can hold.
    stalled.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(10));
    const gone = once(stalled, "close");
    await once(stalled, "readable");
    // Our own end stays until all was read that had come.
    await until(() => ends() === before + 1);
    stalled.resume();
    await gone;
    assert.ok(stalled.bytesRead < 10 * ISO.length, "the answers were not cut");
  });

  it("finds room when others only wait", async () => {
    site = await openSite({ limits: { connections: 2 } });
    const { path } = await site.deploy();
    const head = `HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (const socket of [open(), open()]) {
      socket.write(head);
      await once(socket, "data");
    }
    const [first, second] = sockets.map((socket) => once(socket, "close"));
    await textOf(open());
    await Promise.all([first, second]);
    const late = open();
    late.write(head);
    await once(late, "data");
    assert.match(site.logged.join("\n"), /no more connections/);
  });

  it("leaves no secret in the log, whatever goes wrong", async () => {
    site = await openSite();
    const { path } = await site.deploy({ callbackSecret: CALLBACK_SECRET });
    const wake = () => Promise.reject(new Error("the database is away"));
    const broken = await site.open({
      store: { ...site.parts.store, wake },
      images: { find: async () => undefined, ensure: () => Promise.reject(new Error("no room")) },
    });
    await site.readDisc(path, 0, 10);
    await site.readDisc(path, 0, 10, { of: broken });
    await site.ask(`/c/${CALLBACK_SECRET}`, { method: "POST", of: broken });
    await site.ask(`/c/${CALLBACK_SECRET}`, { method: "POST" });
    for (let count = 0; count < 40; count += 1) await site.ask(`${path}x`);
    const log = site.logged.join("\n");
    assert.ok(site.logged.length >= 5, log);
    for (const secret of [path.split("/")[1]!, CALLBACK_SECRET]) assert.ok(!log.includes(secret), log);
  });

  it("is spread over the processes that share a port, and any of them answers alike", async () => {
    site = await openSite();
    const { path } = await site.deploy();
    const first = await site.open({}, { host: "127.0.0.1", isShared: true });
    const second = await site.open({}, { host: "127.0.0.1", isShared: true, port: first.port });
    assert.equal(second.port, first.port);
    for (let count = 0; count < 20; count += 1)
      assert.equal((await site.readDisc(path, 0, 100, { of: first, from: "127.0.0.2" })).status, 206);
    await first.provision.close();
    assert.equal((await site.readDisc(path, 0, 100, { of: first, from: "127.0.0.2" })).status, 206);
  });

  it("is not let in where somebody else listens already", async () => {
    site = await openSite();
    const { provision } = await site.open();
    await provision.close();
    const again = provision.listen({ host: "127.0.0.1", port: site.listener.port });
    await assert.rejects(again, (error: ProvisionError) => {
      assert.equal(error.code, "provision-listen-failed");
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1, port ${site.listener.port}`));
      return true;
    });
  });
});
