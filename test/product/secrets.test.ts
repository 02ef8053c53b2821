import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { globSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { asModelMachine } from "../bmc-simulator/index.ts";
import { findSecret } from "./canary.ts";
import { type Product, startProduct } from "./fixture.ts";

const PASSWORD = 'canary "pass/w+rd" ü 7f3e';
const USER_DATA = "canary of the user data 51c2";
const SENT_AHEAD = "canary that was sent ahead 88d0";
const CALLBACK_SECRET = "canary-callback-secret-0123456789abcdef";

/** Where the two secrets that people need are meant to be. */
const MEANT = ["master-key", "admin-token"];

describe("secrets", function () {
  this.timeout(30_000);
  const tokens = new Set<string>();
  const noteToken = (message: unknown) => {
    const token = (message as { request: IncomingMessage }).request.headers["x-auth-token"];
    if (typeof token === "string") tokens.add(token);
  };
  let product: Product;

  before(async () => {
    subscribe("http.server.request.start", noteToken);
    product = await startProduct({ count: 2, profile: "generic", password: PASSWORD });
    await useEverything(product);
  });
  after(async () => {
    unsubscribe("http.server.request.start", noteToken);
    await product.stop();
  });

  /** Every secret that was at work, by name. */
  function secrets(): [string, string][] {
    const discUrl = new URL(product.bmc.bootedFrom!.url!);
    return [
      ["the BMC's password", PASSWORD],
      ["the call-back secret", CALLBACK_SECRET],
      ["the user data", USER_DATA],
      ["a part that was sent ahead", SENT_AHEAD],
      ["the disc's secret", discUrl.pathname.split("/")[1]!],
      ["the admin token", product.trayload.admin.token],
      ...[...tokens].map((token): [string, string] => ["a session's token", token]),
    ];
  }

  function assertNone(where: string, bytes: Buffer): void {
    assert.ok(bytes.length > 0, `${where} is empty, so nothing was sought`);
    for (const [name, secret] of secrets())
      assert.deepEqual(findSecret(bytes, secret), [], `${name} stands in ${where}`);
  }

  it("were at work", () => {
    assert.ok(tokens.size > 0, "a session was opened");
    assert.ok(product.bmc.requests.some(({ authorization }) => authorization === "session"));
  });

  it("stand in no file: database and its log, Redis, images", () => {
    const files = globSync("**/*", { cwd: product.folder }).filter((name) => !MEANT.includes(name));
    const found = files.filter((name) => statSync(join(product.folder, name)).isFile());
    assert.ok(found.includes("trayload.db"), found.join());
    for (const name of found) {
      const bytes = readFileSync(join(product.folder, name));
      if (bytes.length > 0) assertNone(name, bytes);
    }
  });

  it("stand in no line of the log, at debug", () => {
    assertNone("the log", Buffer.from(product.logged.join("\n")));
  });

  it("stand in no answer and no event", async () => {
    const stream = await readStream(product);
    assertNone("the answers", Buffer.from(product.answers.join("\n")));
    assertNone("the stream of events", Buffer.from(stream));
  });

  it("stand in no command line and no environment of a child", function () {
    if (process.platform !== "linux") this.skip();
    const children = globSync("/proc/self/task/*/children").flatMap((file) => pidsIn(file));
    assert.ok(children.length > 0, "the private Redis is a child");
    for (const pid of children)
      for (const what of ["cmdline", "environ"])
        assertNone(`${what} of process ${pid}`, readFileSync(`/proc/${pid}/${what}`));
  });
});

/** Everything that takes, keeps or shows something: success and failure, retry, operations, refusals, a restart. */
async function useEverything(product: Product): Promise<void> {
  const { call, bmc, lab } = product;
  const [, second] = lab.bmcs;
  await product.addNode();
  await product.addNode(second);
  await call("POST", `/v1/nodes/${bmc.name}/preflight?waitMs=20000`, {});
  await call("POST", `/v1/nodes/${bmc.name}/power?waitMs=20000`, { action: "on" });
  const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
  asModelMachine(bmc.machine).behave({
    script: [{ callBack, body: { status: "failed", message: "on purpose" } }],
  });
  const failed = await product.deploy({ callbackSecret: CALLBACK_SECRET });
  await product.submit({ node: "nobody", callbackSecret: CALLBACK_SECRET });
  const inUrl = await product.submit({
    boot: { iso: { url: `http://user:${encodeURIComponent(PASSWORD)}@127.0.0.1/` } },
  });
  assert.equal(inUrl.body.code, "image-not-allowed");
  bmc.expireSessions();
  asModelMachine(bmc.machine).behave({ script: [{ callBack, body: { status: "succeeded" } }] });
  const retried = await call("POST", `/v1/deployments/${failed.id}/retry`);
  assert.equal(retried.status, 202, JSON.stringify(retried.body));
  assert.equal((await product.end(retried.body.id)).state, "succeeded");
  await deployOwn(product);
  await product.restart();
  second!.failNext("POST VirtualMedia.InsertMedia", {
    status: 500,
    body: { error: { message: PASSWORD } },
    times: 9,
  });
  await product.deploy({ node: second!.name, timeoutMs: 5_000 });
  await product.events(failed.id);
  for (const path of ["/v1/nodes", "/v1/deployments", "/metrics", "/openapi.json", "/readyz"])
    await call("GET", path);
}

/** What is the node's own: a disc with documents on it is published, and refused on an image that reads none. */
async function deployOwn(product: Product): Promise<void> {
  const { apiUrl, admin } = product.trayload;
  const response = await fetch(`${apiUrl}/v1/blobs`, {
    method: "POST",
    headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/octet-stream" },
    body: SENT_AHEAD,
  });
  const { blob } = (await response.json()) as { blob: string };
  const files = [
    { path: "/AHEAD.TXT", blob },
    { path: "/INSIDE.TXT", contentBase64: Buffer.from(USER_DATA).toString("base64") },
  ];
  const made = await product.deploy({ files, finish: "powered-on", eject: "never" });
  assert.equal(made.state, "succeeded", JSON.stringify(made.error));
  const served = await fetch(product.bmc.slot().image!);
  const bytes = Buffer.from(await served.arrayBuffer());
  for (const content of [USER_DATA, SENT_AHEAD]) assert.ok(bytes.includes(content), "is not on the disc");
  const refused = await product.deploy({
    userData: USER_DATA,
    metaData: { note: USER_DATA },
    files,
    ownVia: "patch",
  });
  assert.equal(refused.error.code, "iso-data-not-read");
}

/** All events so far, as a stream gives them. */
async function readStream({ trayload }: Product): Promise<string> {
  const stopping = new AbortController();
  const response = await fetch(`${trayload.apiUrl}/v1/events`, {
    headers: {
      authorization: `Bearer ${trayload.admin.token}`,
      accept: "text/event-stream",
      "last-event-id": "0",
    },
    signal: stopping.signal,
  });
  let text = "";
  const enough = setTimeout(() => stopping.abort(), 1_000);
  try {
    for await (const part of response.body!) text += Buffer.from(part).toString("utf8");
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    clearTimeout(enough);
  }
  return text;
}

function pidsIn(file: string): string[] {
  return readFileSync(file, "utf8")
    .split(" ")
    .filter((pid) => pid !== "");
}
