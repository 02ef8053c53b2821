import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentParts, serveAgentImages } from "./agent-images.ts";
import { type AgentProduct, startAgentProduct } from "./agent-product.ts";

const PASSWORD = "hunter2-of-the-images";
const SETTING = "/v1/settings/agent-images";

describe("images of the agent behind a log-in", () => {
  const auth = { username: "agent", password: PASSWORD };
  const folder = mkdtempSync(join(tmpdir(), "trayload-agent-images-"));
  const file = join(folder, "agent-images.yaml");
  let guarded: AgentParts;
  let site: AgentProduct;
  before(async () => {
    guarded = await serveAgentImages(`agent:${PASSWORD}`);
    const image = ({ url }: { url: string }) =>
      `{ url: "${url}", auth: { username: agent, password: ${PASSWORD} } }`;
    const { kernel, ramdisk } = guarded;
    writeFileSync(file, `x86_64:\n  kernel: ${image(kernel)}\n  ramdisk: ${image(ramdisk)}\n`);
    site = await startAgentProduct({}, { AGENT_IMAGES_FILE: file });
  });
  after(async () => {
    await site.stop();
    await guarded.stop();
    rmSync(folder, { recursive: true });
  });

  const put = (body: object) => site.product.call("PUT", SETTING, body);
  async function boots(): Promise<void> {
    site.behave({ steps: { install: {} } });
    const ended = await site.run("install");
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(new URL(ended.request.boot.kernel.url).origin, new URL(guarded.kernel.url).origin);
  }

  it("are fetched with what the configuration's file says, which the setting goes before", async () => {
    assert.equal((await put({})).status, 200);
    const { body } = await site.product.call("GET", SETTING);
    assert.deepEqual(body.x86_64.kernel, { url: guarded.kernel.url, checksum: null, hasAuth: true });
    await boots();
  });

  it("are fetched with what the setting says, which an image with the same URL keeps", async () => {
    const { kernel, ramdisk } = guarded;
    const pair = { kernel: { ...kernel, auth }, ramdisk: { ...ramdisk, auth } };
    assert.equal((await put({ x86_64: pair })).status, 200);
    const { body } = await site.product.call("GET", SETTING);

    const again = await put(body);

    assert.deepEqual(again.body, body);
    await boots();
    const taken = await put({ x86_64: { ...body.x86_64, kernel: { ...kernel, auth: null } } });
    assert.deepEqual(taken.body.x86_64.kernel, { ...kernel, checksum: null });
    const other = await put({ x86_64: { kernel: { url: "http://elsewhere/kernel" }, ramdisk } });
    assert.equal(other.body.x86_64.kernel.hasAuth, undefined);
    await put({});
  });

  it("are fetched with what the node says, whose tag and audit show nothing of it", async () => {
    const { kernel, ramdisk } = guarded;
    const path = `/v1/nodes/${site.product.bmc.name}`;
    const agent = { kernel: { ...kernel, auth }, ramdisk: { ...ramdisk, auth } };
    const changed = await site.product.call("PATCH", path, { agent });
    assert.equal(changed.body.agent.kernel.hasAuth, true);
    const kept = await site.product.call("PATCH", path, { agent: changed.body.agent });
    assert.deepEqual(kept.body.agent, changed.body.agent);

    await boots();

    const { body: audit } = await site.product.call("GET", "/v1/audit");
    assert.ok(JSON.stringify(audit).includes(kernel.url));
    assert.ok(!JSON.stringify(audit).includes("sealedAuth"));
    await site.product.call("PATCH", path, { agent: null });
  });

  it("leave their passwords nowhere in the clear", () => {
    const { folder: dataDir } = site.product;
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true });
    const kept = files
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    const seen = [...site.product.logged, ...site.product.answers, ...kept].join("\n");
    for (const secret of [PASSWORD, Buffer.from(`agent:${PASSWORD}`).toString("base64")])
      assert.ok(!seen.includes(secret), secret);
    assert.ok(kept.join("").includes("sealedAuth"));
  });
});
