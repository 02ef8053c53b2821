import assert from "node:assert/strict";
import { DatabaseError } from "../../src/database/index.ts";
import { connect } from "node:net";
import { problem } from "../../src/api/schemas/problem.ts";
import { DEPLOYMENT, NODE, type Reply, startApi, stopAll } from "./fixture.ts";

describe("the API's refusals", () => {
  afterEach(stopAll);

  const errorsOf = ({ body }: Reply) => (body.errors as { path: string }[]).map(({ path }) => path);

  it("name every unknown field by its path", async () => {
    const { call } = await startApi();
    const reply = await call("POST", "/v1/deployments", {
      ...DEPLOYMENT,
      fnish: "x",
      boot: { iso: { url: "https://x/y", sum: 1 } },
    });
    assert.deepEqual([reply.status, reply.body.code], [422, "unknown-field"]);
    assert.deepEqual(errorsOf(reply).toSorted(), ["boot.iso.sum", "fnish"]);
    assert.deepEqual(problem.parse(reply.body).errors, reply.body.errors);
  });

  it("name every field of a wrong type or value", async () => {
    const { call } = await startApi();
    const body = {
      ...NODE,
      arch: "m68k",
      macs: ["no"],
      bmc: { ...NODE.bmc, tls: { mode: "trust" }, address: 7 },
    };
    const reply = await call("POST", "/v1/nodes", body);
    assert.deepEqual([reply.status, reply.body.code], [422, "invalid-field"]);
    assert.deepEqual(errorsOf(reply).toSorted(), ["arch", "bmc.address", "bmc.tls.mode", "macs[0]"]);
    assert.match(reply.body.detail, /and 3 more/);
  });

  it("say where a disk image belongs", async () => {
    const { call } = await startApi();
    const iso = { url: "http://images/a.qcow2", format: "qcow2" };
    const reply = await call("POST", "/v1/deployments", { ...DEPLOYMENT, boot: { iso } });
    assert.deepEqual([reply.status, reply.body.code], [422, "invalid-field"]);
    assert.deepEqual(errorsOf(reply), ["boot.iso.format"]);
    assert.match(reply.body.detail, /a disk image goes into write/);
  });

  it("let through what the contract shows as asking for nothing", async () => {
    const { call } = await startApi();
    const node = { ...NODE, networkData: null, rootDevice: null, cleaning: { before: false, after: false } };
    const image = { url: "http://images/agent", checksum: `sha256:${"a".repeat(64)}` };
    const agent = { kind: "ipa", kernel: image, ramdisk: { url: image.url }, iso: null, rootfs: null };
    const added = await call("POST", "/v1/nodes", { ...node, agent: { ...agent, kernelArgs: "" } });
    assert.equal(added.status, 201, JSON.stringify(added.body));
    assert.deepEqual([added.body.agent.iso, added.body.agent.rootfs], [null, null]);
    const iso = await call("POST", "/v1/nodes", { ...node, name: "other", agent: { ...agent, iso: image } });
    assert.equal(iso.body.code, "invalid-field");
    const deployment = {
      ...DEPLOYMENT,
      kernelArgs: null,
      discLabel: null,
      files: [],
      secureBoot: "unchanged",
    };
    assert.equal((await call("POST", "/v1/deployments", deployment)).status, 202);
  });

  it("say where JSON is broken, without quoting it", async () => {
    const { call } = await startApi();
    const reply = await call("POST", "/v1/nodes", '{\n  "password": "canary",\n  oops }');
    assert.deepEqual([reply.status, reply.body.code], [400, "json-invalid"]);
    assert.match(reply.body.detail, /line 3, column 3/);
    assert.doesNotMatch(JSON.stringify(reply.body), /canary|oops/);
    assert.equal((await call("POST", "/v1/nodes", '{"a":')).body.code, "json-invalid");
    assert.equal((await call("POST", "/v1/nodes", "[]")).body.code, "invalid-field");
  });

  it("bound size and depth, and want JSON", async () => {
    const { call } = await startApi();
    const large = JSON.stringify({ ...NODE, name: "x".repeat(1_100_000) });
    const refused = await call("POST", "/v1/nodes", large);
    assert.deepEqual([refused.status, refused.body.code], [413, "body-too-large"]);
    assert.match(refused.body.detail, /1048576/);
    assert.equal((await call("POST", "/v1/deployments", large)).body.code, "invalid-field");
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    assert.equal((await call("POST", "/v1/nodes", deep)).body.code, "body-too-deep");
    const quoted = JSON.stringify({ ...NODE, name: "[".repeat(60) });
    assert.equal((await call("POST", "/v1/nodes", quoted)).body.code, "invalid-field");
    const form = await call("POST", "/v1/nodes", "a=b", {
      "content-type": "application/x-www-form-urlencoded",
    });
    assert.deepEqual([form.status, form.body.code], [415, "media-type-unsupported"]);
  });

  it("check queries as strictly as bodies", async () => {
    const { call } = await startApi();
    for (const query of [
      "limit=0",
      "limit=x",
      "statte=queued",
      "state=odd",
      "since=yesterday",
      "label=x",
      "fields=secret",
    ]) {
      const reply = await call("GET", `/v1/deployments?${query}`);
      assert.deepEqual([reply.status, reply.body.code], [400, "invalid-query"], query);
      assert.equal(errorsOf(reply)[0]!.split("[")[0], query.split("=")[0]);
    }
  });

  it("say what there is at unknown paths and methods", async () => {
    const { call } = await startApi();
    assert.equal((await call("GET", "/v2/nodes")).body.code, "route-not-found");
    const put = await call("PUT", "/v1/nodes", NODE);
    assert.deepEqual(
      [put.status, put.body.code, put.headers.get("allow")],
      [405, "method-not-allowed", "POST, GET, HEAD"],
    );
  });

  it("tell nothing of a fault of our own, except to the log", async () => {
    const { url, call, logged } = await startApi({
      fleet: { list: async () => Promise.reject(new Error("canary at /srv")) },
    });
    const reply = await call("GET", "/v1/nodes");
    assert.deepEqual([reply.status, reply.body.code], [500, "internal-error"]);
    assert.doesNotMatch(JSON.stringify(reply.body), /canary/);
    assert.ok(logged.some((line) => line.includes("canary") && line.includes(reply.body.requestId)));
    assert.ok(url.startsWith("http://127.0.0.1:"));
  });
});

describe("the API without its database", () => {
  afterEach(stopAll);

  it("asks to be asked again, and tells the log alone why", async () => {
    const why = new DatabaseError("canary at db.example:5432", {
      code: "database-unreachable",
      retryable: true,
    });
    const { call, logged } = await startApi({ fleet: { list: async () => Promise.reject(why) } });
    const reply = await call("GET", "/v1/nodes");
    assert.deepEqual([reply.status, reply.body.code], [503, "database-unavailable"]);
    assert.equal(reply.headers.get("retry-after"), "5");
    assert.doesNotMatch(JSON.stringify(reply.body), /canary/);
    assert.ok(logged.some((line) => line.includes("canary") && line.includes(reply.body.requestId)));
  });
});

describe("the API's log-in", () => {
  afterEach(stopAll);

  it("wants a token everywhere but for health", async () => {
    const { url } = await startApi();
    const status = async (path: string) => (await fetch(url + path)).status;
    for (const path of ["/v1/nodes", "/v1/events", "/metrics", "/openapi.json", "/docs"])
      assert.equal(await status(path), 401, path);
    for (const path of ["/healthz", "/readyz"]) assert.equal(await status(path), 200, path);
    const open = await startApi({ isMetricsOpen: true });
    assert.equal((await fetch(`${open.url}/metrics`)).status, 200);
  });

  it("says how to log in, and tells a wrong token from none", async () => {
    const { call } = await startApi();
    const none = await call("GET", "/v1/nodes", undefined, { authorization: "" });
    assert.deepEqual([none.status, none.body.code], [401, "unauthorized"]);
    assert.equal(none.headers.get("www-authenticate"), 'Bearer realm="trayload"');
    const wrong = await call("GET", "/v1/nodes", undefined, { authorization: "Bearer tl_wrong" });
    assert.match(wrong.headers.get("www-authenticate")!, /invalid_token/);
  });

  it("is refused after many failures, but never with the right token", async () => {
    const { call } = await startApi();
    const codes: string[] = [];
    for (let time = 0; time < 22; time += 1) {
      codes.push(
        (await call("GET", "/v1/nodes", undefined, { authorization: "Bearer tl_guess" })).body.code as string,
      );
    }
    assert.equal(codes[0], "unauthorized");
    assert.equal(codes.at(-1), "too-many-failed-logins");
    assert.equal((await call("GET", "/v1/nodes")).status, 200);
  });

  it("comes before the body is read", async () => {
    const { url } = await startApi();
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write("POST /v1/nodes HTTP/1.1\r\nhost: x\r\ncontent-length: 900000\r\n\r\n");
    const [chunk] = (await new Promise<Buffer[]>((resolve) =>
      socket.once("data", (data) => resolve([data])),
    )) as [Buffer];
    assert.match(chunk.toString(), /^HTTP\/1\.1 401 /);
    socket.destroy();
  });
});
