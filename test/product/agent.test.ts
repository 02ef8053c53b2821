import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { type AgentProduct, isIn, startAgentProduct } from "./agent-product.ts";

describe("a deployment by the agent", () => {
  let site: AgentProduct;
  before(async () => {
    site = await startAgentProduct();
  });
  after(() => site.stop());

  const namesOf = (ended: { steps: { name: string }[] }) => ended.steps.map(({ name }) => name);
  const executed = () => site.machine().agent!.executed;

  it("runs the steps that were asked for, by their priorities, and boots the disk", async () => {
    site.behave({ steps: { prepare: {}, install: {} } });

    const ended = await site.run({ step: "install", priority: 50 }, "prepare");

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.deepEqual(namesOf(ended).slice(6), [
      "wait-for-agent",
      "get-steps",
      "deploy.prepare",
      "deploy.install",
      "tear-down",
      "boot-from-disk",
      "wait-for-finish",
      "clean-up",
    ]);
    assert.deepEqual(executed(), [
      "deploy.get_deploy_steps",
      "deploy.execute_deploy_step",
      "deploy.execute_deploy_step",
      "standby.sync",
    ]);
    assert.equal(site.product.bmc.slot().image, null);
    assert.equal(site.product.bmc.bootedFrom?.from, "disk");
    assert.equal(ended.clean, true);
  });

  it("keeps secrets of steps and of the agent out of everything that is shown, logged or kept", async () => {
    site.behave({ steps: { install: {} } });

    const ended = await site.run({ step: "install", args: { pull_secret: "hunter2", level: 1 } });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const step = ended.steps.find(({ name }: { name: string }) => name === "deploy.install");
    assert.deepEqual(step.agent, {
      interface: "deploy",
      step: "install",
      args: { pull_secret: "******", level: 1 },
      priority: 90,
    });
    await site.product.events(ended.id);
    const token = site.machine().agentDisc!.args["ipa-agent-token"]!;
    assert.match(site.machine().agent!.log.join("\n"), new RegExp(token));
    const seen = [...site.product.logged, ...site.product.answers].join("\n");
    for (const secret of [token, "hunter2"]) assert.ok(!seen.includes(secret), secret);
  });

  it("tells the agent on its disc who it is, whom to trust, and how its network is set up", async () => {
    const { product } = site;
    const link = { id: "eth0", type: "phy", ethernet_mac_address: "52:54:00:12:34:56" };
    const networkData = { links: [link], networks: [{ id: "n0", type: "ipv4_dhcp", link: "eth0" }] };
    const path = `/v1/nodes/${product.bmc.name}`;
    const patched = await product.call("PATCH", path, {
      networkData,
      agent: { kernelArgs: "ipa-ntp-server=::1" },
    });
    assert.equal(patched.status, 200, JSON.stringify(patched.body));
    site.behave({ steps: { install: {} } });

    const ended = await site.run("install");

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const { args, files } = site.machine().agentDisc!;
    assert.equal(args["boot_method"], "vmedia");
    assert.equal(args["ipa-debug"], "1");
    assert.equal(args["ipa-ntp-server"], "::1");
    assert.match(args["ipa-global-request-id"]!, /^req-[0-9a-f-]{36}$/);
    assert.match(args["ipa-api-url"]!, /\/a\/[0-9A-Za-z]{22}$/);
    assert.deepEqual(JSON.parse(files["/openstack/latest/network_data.json"]!), networkData);
    assert.match(files["/etc/ironic-python-agent/trayload-ca.crt"]!, /^-----BEGIN CERTIFICATE/);
    const conf = files["/etc/ironic-python-agent.d/trayload.conf"]!;
    assert.match(conf, /^cafile = \/etc\/ironic-python-agent\/trayload-ca\.crt$/m);
    await product.call("PATCH", path, { networkData: null, agent: null });
  });

  it("restarts the machine for a step that asks for it, and goes on with the next", async () => {
    site.behave({ steps: { firmware: { reboots: true }, install: {} } });
    const before = site.machine().boots.length;

    const ended = await site.run("firmware", "install");

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.deepEqual(namesOf(ended).slice(8, 13), [
      "deploy.firmware",
      "power-off-2",
      "boot-from-disc-2",
      "wait-for-agent-2",
      "deploy.install",
    ]);
    const boots = site.machine().boots.slice(before);
    assert.deepEqual(
      boots.map(({ from }) => from),
      ["disc", "disc", "disk"],
    );
  });

  it("goes on after a restart of the server in the midst of a step, and sends nothing twice", async () => {
    site.behave({ steps: { install: { isHeld: true } } });
    const { body } = await site.submit({ agentSteps: [{ interface: "deploy", step: "install" }] });
    await isIn(site, body.id, "deploy.install");

    await site.product.restart();
    site.machine().agent!.releaseSteps();

    const ended = await site.product.end(body.id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(executed().filter((name) => name === "deploy.execute_deploy_step").length, 1);
  });

  it("keeps the agent's log without its token where that was asked for", async () => {
    site.behave({ steps: { install: {} } });

    const ended = await site.deploy({
      agentSteps: [{ interface: "deploy", step: "install" }],
      collectLogs: "always",
      power: "off",
    });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(site.product.bmc.power, "Off");
    const { apiUrl, admin } = site.product.trayload;
    const headers = { authorization: `Bearer ${admin.token}` };
    const reply = await fetch(`${apiUrl}/v1/deployments/${ended.id}/agent-log`, { headers });
    assert.equal(reply.headers.get("content-type"), "application/gzip");
    const bundle = Buffer.from(await reply.arrayBuffer());
    const log = gunzipSync(bundle).toString();
    const token = site.machine().agentDisc!.args["ipa-agent-token"]!;
    assert.match(log, /agent_token=\*{43}/);
    assert.ok(!log.includes(token));
    const dossier = await fetch(`${apiUrl}/v1/deployments/${ended.id}/dossier`, { headers });
    const files = gunzipSync(Buffer.from(await dossier.arrayBuffer()));
    assert.ok(files.includes("agent-log.tar.gz") && files.includes(bundle));
  });

  it("keeps an inventory of the node, and says where its record is wrong", async () => {
    site.behave({ disk: { serial: "DISK-1", model: "Model 1" } });
    const path = `/v1/nodes/${site.product.bmc.name}`;
    await site.product.call("PATCH", path, { bootMode: "bios" });

    const ended = await site.deploy({ purpose: "inspect" });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.match(ended.warnings.join(), /bootMode is recorded as bios/);
    const { body } = await site.product.call("GET", `${path}/inventory`);
    assert.deepEqual(body.macs, site.product.bmc.macs);
    assert.deepEqual(
      body.rootDisks.map(({ serial }: { serial: string }) => serial),
      ["DISK-1"],
    );
    assert.ok(body.mismatches.some(({ field }: { field: string }) => field === "bootMode"));
    await site.product.call("PATCH", path, { bootMode: null });
  });

  it("cleans disks when that is confirmed, and not otherwise", async () => {
    site.behave({});
    const refused = await site.submit({ purpose: "clean" });
    assert.deepEqual([refused.status, refused.body.code], [422, "confirm-needed"]);

    const ended = await site.deploy({ purpose: "clean", confirm: true, power: "off" });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.ok(namesOf(ended).includes("deploy.erase_devices_metadata"));
    assert.deepEqual(executed().slice(0, 2), ["clean.get_clean_steps", "clean.execute_clean_step"]);
  });

  it("wipes old metadata before its steps where the node is set so", async () => {
    const path = `/v1/nodes/${site.product.bmc.name}`;
    await site.product.call("PATCH", path, { cleaning: { before: true } });
    site.behave({ steps: { install: {} } });

    const ended = await site.run("install");

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.deepEqual(namesOf(ended).slice(8, 10), ["deploy.erase_devices_metadata", "deploy.install"]);
    const notNow = await site.deploy({
      agentSteps: [{ interface: "deploy", step: "install" }],
      cleaning: { before: false, after: true },
    });
    assert.equal(namesOf(notNow)[8], "deploy.install");
    assert.equal(notNow.request.agent.cleansAfter, true);
    assert.equal(executed().filter((name) => name === "deploy.execute_deploy_step").length, 1);
    await site.product.call("PATCH", path, { cleaning: { before: false } });
  });

  it("refuses to clean beside what no agent does", async () => {
    const { iso } = site.product;
    for (const request of [{ boot: { iso: { url: iso.url } } }, { purpose: "inspect" }]) {
      const refused = await site.submit({ ...request, cleaning: { after: true } });
      assert.deepEqual([refused.status, refused.body.code], [422, "agent-steps-invalid"]);
      assert.equal(refused.body.errors[0].path, "cleaning.after");
    }
  });
});
