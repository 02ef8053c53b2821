import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { COREOS } from "../images/patch/families.ts";
import { makeIso, needIsoMakers } from "../images/patch/fixture.ts";
import { type AgentParts, makeBootloaders, serveAgentImages } from "./agent-images.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CONTAINER = "quay.io/openshift/ironic-agent:latest";
const PULL_SECRET = '{"auths":{"quay.io":{"auth":"c2VjcmV0OnB1bGw="}}}';
const ROOTFS = Buffer.alloc(200_000, "root file system ");

describe("an agent that runs in CoreOS", () => {
  let folder: string;
  let images: AgentParts;
  let rootfs: FileServer;
  let product: Product;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "trayload-coreos-"));
    images = await serveAgentImages();
    rootfs = await startFileServer(ROOTFS);
    writeFileSync(join(folder, "pull-secret"), PULL_SECRET);
    product = await startProduct({
      settings: {
        BOOTLOADER_X86_64: makeBootloaders(folder),
        AGENT_CONTAINER: CONTAINER,
        AGENT_PULL_SECRET_FILE: join(folder, "pull-secret"),
        IMAGE_ALLOW: `127.0.0.0/8,${tmpdir()},*`,
      },
    });
    assert.equal((await product.addNode()).status, 201);
  });
  after(async () => {
    await product.stop();
    await rootfs.stop();
    await images.stop();
    rmSync(folder, { recursive: true });
  });

  /** Boots the agent of the node, and gives all bytes of its disc. */
  const boot = async (agent: Record<string, unknown>): Promise<{ id: string; disc: string }> => {
    const patched = await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { agent });
    assert.equal(patched.status, 200, JSON.stringify(patched.body));
    const agentSteps = [{ interface: "deploy", step: "install_coreos" }];
    const { status, body } = await product.submit({ boot: undefined, agentSteps });
    assert.equal(status, 202, JSON.stringify(body));
    for (;;) {
      const { body: now } = await product.call("GET", `/v1/deployments/${body.id}?waitMs=1000`);
      assert.equal(now.error, null, JSON.stringify(now.error));
      if (now.step === "wait-for-agent") break;
    }
    const bytes = Buffer.from(await (await fetch(product.bmc.slot().image!)).arrayBuffer());
    return { id: body.id, disc: bytes.toString("latin1") };
  };
  const cancel = async (id: string): Promise<void> => {
    await product.call("POST", `/v1/deployments/${id}/cancel`);
    assert.equal((await product.end(id)).state, "cancelled");
  };
  /** The config that the disc has for Ignition, as the archive behind `config.ign` holds it. */
  const configOn = (disc: string) => {
    const nameAt = disc.indexOf("config.ign\0");
    assert.ok(nameAt > 0, "the disc has no config.ign");
    // The header before the name says how long the content is, which begins at the next multiple of four.
    const length = Number.parseInt(disc.slice(nameAt - 56, nameAt - 48), 16);
    const at = disc.indexOf("{", nameAt);
    return JSON.parse(disc.slice(at, at + length));
  };
  const contentOf = (
    config: { storage: { files: { path: string; contents: { source: string } }[] } },
    name: string,
  ) => {
    const { source } = config.storage.files.find(({ path }) => path.endsWith(name))!.contents;
    return Buffer.from(source.replace("data:;base64,", ""), "base64").toString();
  };

  it("is started by an Ignition config in an archive beside its ramdisk, which reads the rest from us", async () => {
    const { kernel, ramdisk } = images;
    const own = { ignition: { version: "3.4.0" }, passwd: { users: [{ name: "core" }] } };
    const agent = { kind: "coreos", kernel, ramdisk, rootfs: { url: rootfs.url }, ignition: own };
    const { id, disc } = await boot(agent);

    const [line] = /linux \/boot\/vmlinuz[^\n]*/.exec(disc)!;
    assert.match(line, /ignition\.firstboot/);
    assert.match(line, /ignition\.platform\.id=metal/);
    assert.ok(!line.includes("ipa-agent-token"), line);
    const url = /coreos\.live\.rootfs_url=([^ '"]+)/.exec(line)![1]!.replaceAll("\\", "");
    assert.ok(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(ROOTFS));
    const config = configOn(disc);
    assert.match(config.systemd.units[0].contents, new RegExp(`${CONTAINER}$`, "m"));
    assert.match(
      contentOf(config, "/agent.conf"),
      /^api_url = http:\/\/127\.0\.0\.1:\d+\/a\/[0-9A-Za-z]{22}$/m,
    );
    assert.equal(contentOf(config, "/auth.json"), PULL_SECRET);
    assert.equal(config.ignition.config.merge.length, 1);
    assert.ok(!product.answers.join().includes("c2VjcmV0"), "the pull secret was shown");
    await cancel(id);
    // What is served is remembered for a moment.
    await until(async () => (await fetch(url)).status === 404);
  });

  it("is started by an Ignition config in the embed area of its live ISO", async function () {
    needIsoMakers(this);
    const iso = await makeIso(COREOS);
    const { id, disc } = await boot({ kind: "coreos", iso: { url: `file://${iso}` } });

    assert.equal(disc.length, readFileSync(iso).length);
    assert.match(configOn(disc).systemd.units[0].contents, new RegExp(`${CONTAINER}$`, "m"));
    await cancel(id);
  });

  for (const [what, agent] of [
    ["no image", { kind: "coreos" }],
    [
      "a ramdisk without its rootfs",
      { kind: "coreos", kernel: { url: "http://a/k" }, ramdisk: { url: "http://a/r" } },
    ],
    ["a rootfs that is none of CoreOS's", { kind: "ipa", rootfs: { url: "http://a/r" } }],
    [
      "an ISO and a kernel",
      { iso: { url: "http://a/i" }, kernel: { url: "http://a/k" }, ramdisk: { url: "http://a/r" } },
    ],
  ] as const)
    it(`is refused with ${what}`, async () => {
      const { status } = await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { agent });
      assert.equal(status, 422);
    });
});
