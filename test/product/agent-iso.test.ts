import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulatedAgent } from "../bmc-simulator/agent/agent.ts";
import { makeFolder, makeIso, needIsoMakers, type Recipe, removeWritten } from "../images/patch/fixture.ts";
import { makeUdfBridge } from "../images/patch/unfit.ts";
import { runTool } from "../media/tools.ts";
import { until } from "../until.ts";
import { startAgentProduct } from "./agent-product.ts";
import { type Product, startProduct } from "./fixture.ts";

/** As builders of agent images make them: a boot menu, and a kernel line that has the agent look at its disc. */
const AGENT: Recipe = {
  name: "agent",
  files: {
    "boot/grub/grub.cfg":
      "set timeout=5\nmenuentry 'agent' {\n  linux /vmlinuz boot_method=vmedia quiet\n  initrd /initrd\n}\n",
    vmlinuz: "a kernel",
    initrd: "a ramdisk",
  },
  fat: { "EFI/BOOT/BOOTX64.EFI": "a loader" },
};
const NETWORK = {
  links: [{ id: "eth0", type: "phy", ethernet_mac_address: "52:54:00:12:34:56" }],
  networks: [{ id: "n0", type: "ipv4_dhcp", link: "eth0" }],
};
const AGENT_STEPS = { agentSteps: [{ interface: "deploy", step: "install" }] };

describe("an agent whose ISO was made beforehand", () => {
  let product: Product;
  before(function () {
    needIsoMakers(this);
  });
  afterEach(removeWritten);

  async function bootBy(path: string, more: Record<string, unknown> = {}): Promise<void> {
    product.iso.content = readFileSync(path);
    product.iso.etag = null;
    const change = { agent: { kind: "ipa", iso: { url: product.iso.url } }, ...more };
    const { status, body } = await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, change);
    assert.equal(status, 200, JSON.stringify(body));
  }

  it("is told on its own kernel line, with whom it trusts under a label that it looks at", async () => {
    const site = await startAgentProduct();
    ({ product } = site);
    await bootBy(await makeIso(AGENT));
    site.behave({ steps: { install: {} } });

    const ended = await site.run("install");
    const { args, files } = site.machine().agentDisc!;
    await site.stop();

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.match(args["ipa-api-url"]!, /\/a\/[0-9A-Za-z]{22}$/);
    assert.match(files["/etc/ironic-python-agent/trayload-ca.crt"]!, /^-----BEGIN CERTIFICATE/);
  });

  describe("and cannot be patched", () => {
    let folder: string;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "trayload-agent-iso-"));
      product = await startProduct({ timing: { heartbeatS: 60 } });
      assert.equal((await product.addNode()).status, 201);
    });
    after(async () => {
      await product.stop();
      rmSync(folder, { recursive: true });
    });

    it("is told on a second disc, which leaves with the first", async () => {
      await bootBy(await makeUdfBridge());
      const { status, body } = await product.submit({ boot: undefined, ...AGENT_STEPS });
      assert.equal(status, 202, JSON.stringify(body));
      const slots = () => [product.bmc.slot().image, product.bmc.slot("Usb").image] as const;
      await until(() => product.bmc.power === "On");
      const [iso, stick] = slots();
      assert.ok(Buffer.from(await (await fetch(iso!)).arrayBuffer()).equals(product.iso.content));
      const image = join(await makeFolder(), "stick.img");
      writeFileSync(image, Buffer.from(await (await fetch(stick!)).arrayBuffer()));
      assert.match(await runTool("mlabel", ["-s", "-i", image, "::"]), /ir-vfd-dev/i);
      const words = (await runTool("mtype", ["-i", image, "::/parameters.txt"])).trim().split(/\s+/);
      const given = Object.fromEntries(words.map((word) => word.split(/=(.*)/, 2))) as Record<string, string>;

      const agent = startSimulatedAgent({
        apiUrl: given["ipa-api-url"]!,
        token: given["ipa-agent-token"]!,
        macs: ["52:54:00:12:34:56"],
        disk: { path: join(folder, "disk"), sizeBytes: 2 ** 20 },
        steps: { install: {} },
      });
      const ended = await product.end(body.id);
      await agent.vanish();

      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.match(ended.warnings.join(), /only where its ISO's own kernel line has boot_method=vmedia/);
      assert.ok(agent.executed.includes("deploy.execute_deploy_step"));
      assert.deepEqual(slots(), [null, null]);
      assert.ok(!product.answers.join().includes(given["ipa-agent-token"]!), "the token was shown");
    });

    for (const [what, node, request] of [
      ["its network", { networkData: NETWORK }, {}],
      ["other arguments", {}, { kernelArgs: "console=ttyS0" }],
    ] as const)
      it(`is not booted where it had to be told ${what} too`, async () => {
        await bootBy(await makeUdfBridge(), node);
        const { body } = await product.submit({ boot: undefined, ...AGENT_STEPS, ...request });
        const ended = await product.end(body.id);

        assert.deepEqual([ended.error.code, ended.error.step], ["iso-is-udf", "publish-disc"]);
        assert.match(ended.error.hint, /the agent's own parameters \(ipa-…\) and nothing else/);
        assert.equal(product.bmc.slot().image, null);
        await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { networkData: null });
      });
  });
});
