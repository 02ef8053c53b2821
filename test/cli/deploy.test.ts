import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeConfigDrive } from "../../src/images/index.ts";
import { failRecord, finish, NODE, type Running, startApi, stopAll } from "../api/fixture.ts";
import { run } from "./fixture.ts";

const DEPLOY = ["deploy", "--node", "rack1-u07", "--iso", "https://images.example/installer.iso"];

async function startWithNode(): Promise<Running> {
  const api = await startApi();
  await api.call("POST", "/v1/nodes", NODE);
  return api;
}

describe("deploy", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "deploy-"))));
  after(() => rmSync(folder, { recursive: true }));
  afterEach(stopAll);

  it("accepts and says how to watch it", async () => {
    const api = await startWithNode();
    const { status, out } = await run(api, DEPLOY);
    assert.match(out, /accepted (dep_\w+) for rack1-u07\n {2}watch it: trayload deployment watch \1\n/);
    assert.equal(status, 0);
  });

  it("passes on all that is said", async () => {
    const api = await startWithNode();
    const checksum = `sha256:${"a".repeat(64)}`;
    const words = ["--checksum", checksum, "--finish", "powered-off", "--eject", "at-end", "--power", "off"];
    const more = [
      "--boot-mode",
      "bios",
      "--timeout",
      "1h30m",
      "--disc-ttl",
      "10m",
      "--label",
      "wave=1",
      "--secure-boot",
      "forbidden",
    ];
    const { json } = await run(api, [...DEPLOY, ...words, ...more, "--when-busy", "queue", "--json"]);
    const { node: _, ...request } = json.request;
    assert.deepEqual(request, {
      purpose: "deploy",
      boot: { iso: { url: DEPLOY.at(-1), checksum } },
      finish: "powered-off",
      eject: "at-end",
      bootPolicy: "once",
      bootMode: "bios",
      secureBoot: "forbidden",
      power: "off",
      whenBusy: "queue",
      timeoutMs: 5_400_000,
      discTtlMs: 600_000,
      labels: { wave: "1" },
      kernelArgs: "",
      files: [],
      ownVia: "auto",
      discLabel: null,
    });
  });

  it("has an image written, to the disk that the hints name, with a config drive of one's own", async () => {
    const api = await startWithNode();
    const part = { url: "https://images.example/agent" };
    await api.call("PUT", "/v1/settings/agent-images", { x86_64: { kernel: part, ramdisk: part } });
    const drive = join(folder, "drive.iso");
    writeFileSync(drive, makeConfigDrive({}, { uuid: "u", name: "n" }));
    const words = ["--image", "https://images.example/disk.qcow2", "--image-format", "qcow2"];
    const more = ["--image-checksum", `sha256:${"b".repeat(64)}`, "--config-drive", drive];
    const hints = ["--root-device", "serial=S-1", "--root-device", "size=>= 200"];
    const node = ["deploy", "--node", "rack1-u07"];
    const { status, json } = await run(api, [...node, ...words, ...more, ...hints, "--json"]);

    assert.equal(status, 0);
    const { image, rootDevice, configDrive } = json.request.write;
    assert.deepEqual([image.url, image.format, image.kind], [words[1], "qcow2", "whole-disk"]);
    assert.deepEqual(rootDevice, { serial: "S-1", size: ">= 200" });
    assert.equal(configDrive.kind, "given");
    assert.equal(json.request.finish, "agent");
    const none = await run(api, [...node, "--finish", "agent"]);
    assert.equal(none.status, 2);
    assert.match(none.err, /--iso or --image is missing/);
    const missing = await run(api, [...node, ...words, "--config-drive", join(folder, "none")]);
    assert.equal(missing.status, 2);
    assert.match(missing.err, /none cannot be read/);
  });

  it("takes a file, over which its options win", async () => {
    const api = await startWithNode();
    const file = join(folder, "deployment.yaml");
    writeFileSync(
      file,
      "node: another\nfinish: powered-on\nlabels: { a: b }\nboot:\n  iso: { url: https://x.example/a.iso, checksum: sha256:" +
        `${"b".repeat(64)} }\n`,
    );
    const words = [
      "deploy",
      "--from",
      file,
      "--node",
      "rack1-u07",
      "--label",
      "c=d",
      "--iso",
      "https://y.example/b.iso",
    ];
    const { json, err } = await run(api, [...words, "--json"]);
    assert.equal(err, "");
    assert.deepEqual(json.request.labels, { a: "b", c: "d" });
    assert.equal(json.request.finish, "powered-on");
    assert.deepEqual(json.request.boot.iso, {
      url: "https://y.example/b.iso",
      checksum: `sha256:${"b".repeat(64)}`,
    });
  });

  it("tells what the API does not know, by its field", async () => {
    const api = await startWithNode();
    const { status, err } = await run(api, ["deploy", "--from", "-"], {
      input: '{"node":"rack1-u07","colour":1,"boot":{"iso":{"url":"https://a.example/b"}}}',
    });
    assert.match(err, /\(unknown-field\)\n {2}colour /);
    assert.equal(status, 1);
  });

  it("takes the call-back secret where other users cannot read it", async () => {
    const api = await startWithNode();
    const env = { TRAYLOAD_CALLBACK_SECRET: "canary_callback_secret_0123456789" };
    const { json, out } = await run(api, [...DEPLOY, "--json"], { env });
    assert.equal(json.request.finish, "callback");
    assert.ok(!out.includes("canary"));
  });

  it("makes one deployment of one key, however often it is asked", async () => {
    const api = await startWithNode();
    const words = [...DEPLOY, "--idempotency-key", "job-17", "--json"];
    const [one, two] = [await run(api, words), await run(api, words)];
    assert.equal(one.json.id, two.json.id);
  });

  it("asks again when the answer is lost, and still makes one deployment", async () => {
    const api = await startWithNode();
    let posts = 0;
    const losing = await startProxy(api.url, (request) => request.method === "POST" && (posts += 1) === 1);
    const { status, json } = await run(losing, [...DEPLOY, "--json"]);
    losing.close();
    assert.equal(status, 0);
    assert.equal(posts, 2);
    const { body } = await api.call("GET", "/v1/deployments");
    assert.deepEqual(
      body.items.map(({ id }: { id: string }) => id),
      [json.id],
    );
  });

  it("makes a file on this machine a URL, and refuses what is neither", async () => {
    const api = await startWithNode();
    const file = join(folder, "a b.iso");
    writeFileSync(file, "");
    const { json } = await run(api, ["deploy", "--node", "rack1-u07", "--iso", file, "--json"]);
    assert.equal(json.request.boot.iso.url, `file://${folder}/a%20b.iso`);
    assert.equal((await run(api, ["deploy", "--node", "rack1-u07", "--iso", "nowhere.iso"])).status, 2);
  });

  it("deploys nothing when its words contradict each other", async () => {
    const api = await startWithNode();
    assert.equal((await run(api, [...DEPLOY, "--timeout", "90"])).status, 2);
    assert.equal((await run(api, [...DEPLOY, "--watch", "--wait"])).status, 2);
    assert.deepEqual(await api.records.list({ kind: "deployment", limit: 1 }), []);
  });

  it("--wait is silent until the end, and gives the deployment as JSON", async () => {
    const api = await startWithNode();
    const waiting = run(api, [...DEPLOY, "--wait", "--json"]);
    finish(api.records, await newest(api));
    const { status, json } = await waiting;
    assert.equal(json.state, "succeeded");
    assert.equal(status, 0);
  });

  it("--watch --json gives a line for each event, and at last the deployment", async () => {
    const api = await startWithNode();
    const waiting = run(api, [...DEPLOY, "--watch", "--json"]);
    failRecord(api.records, await newest(api));
    const { status, json } = await waiting;
    assert.deepEqual(
      json.map(({ type, state }: { type?: string; state?: string }) => type ?? state),
      ["accepted", "started", "failed", "failed"],
    );
    assert.equal(status, 1);
  });
});

describe("deployments on the command line", () => {
  afterEach(stopAll);

  it("are listed, shown, retried and found by their machine", async () => {
    const api = await startWithNode();
    await run(api, DEPLOY);
    const id = await newest(api);
    failRecord(api.records, id);
    const { out } = await run(api, ["deployment", "list", "--state", "failed", "--node", "rack1-u07"]);
    assert.match(out, new RegExp(`^ID .*\\n${id} +rack1-u07 +failed .* image-not-found\\n$`));
    const shown = await run(api, ["deployment", "show", "rack1-u07"]);
    assert.match(shown.out, /iso +https:\/\/images[^]*check-request +pending[^]*hint: Check the URL/);
    const retried = await run(api, ["deployment", "retry", "rack1-u07", "--json"]);
    assert.equal(retried.json.retryOf, id);
    assert.equal((await run(api, ["deployment", "show", "nobody"])).status, 1);
  });
});

async function newest(api: Running): Promise<string> {
  for (;;) {
    const [view] = await api.records.list({ kind: "deployment", limit: 1 });
    if (view !== undefined) return view.id;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Passes requests on, and loses the answers that it is told to lose. */
async function startProxy(to: string, loses: (request: Parameters<RequestListener>[0]) => boolean) {
  const server = createServer(async (request, response) => {
    const isLost = loses(request);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name]) => name !== "host" && name !== "connection" && name !== "content-length",
      ),
    );
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const answer = await fetch(`${to}${request.url}`, {
      method: request.method!,
      headers: headers as never,
      ...body,
    });
    const text = await answer.text();
    if (isLost) return request.socket.destroy();
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type")! }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    close: () => server.close(),
  };
}
