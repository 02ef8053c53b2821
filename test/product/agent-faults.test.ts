import assert from "node:assert/strict";
import { until } from "../until.ts";
import { type AgentProduct, isIn, startAgentProduct } from "./agent-product.ts";
import type { Reply } from "./fixture.ts";

/** What the agent's API was recorded to say when it does not take a command, and what a person is told to do. */
const NOT_TAKEN = [
  ["token-refused", "agent-token-refused", /401 Unauthorized: Token invalid/, /another token/],
  [
    "command-unknown",
    "agent-rejected",
    /Invalid command: deploy\.get_deploy_steps/,
    /does not know the command/,
  ],
  ["list-broken", "agent-outcome-unknown", /can no longer list its commands/, /boot the agent anew/],
] as const;

/** Errors of steps as they were recorded, with what a person is told to do. */
const RECORDED: [type: string, hint: RegExp][] = [
  ["ImageChecksumError", /check the image and its checksum/],
  ["ImageDownloadFatalError", /network reaches the image/],
  ["ImageDownloadError", /network and the image's server/],
  ["InvalidImage", /not what its format says/],
  ["DeviceNotFound", /root device hints/],
  ["InvalidCommandParamsError", /arguments that it does not take/],
  ["HardwareManagerMethodNotFound", /has its hardware manager/],
  ["DeploymentError", /agent's log/],
  ["CommandExecutionError", /agent's log/],
  ["VersionMismatch", /start over/],
];

describe("a deployment by an agent that fails", () => {
  let site: AgentProduct;
  before(async () => {
    site = await startAgentProduct({ agentLookMs: 100, longestLookMs: 300 });
  });
  after(() => site.stop());

  const isLeftClean = (ended: { clean: boolean }): void => assertLeftClean(site, ended);

  for (const [type, hint] of RECORDED)
    it(`in a step with ${type} says so, in its words, and what to do`, async () => {
      site.behave({ steps: { install: { fault: { type, message: "the very reason" } } } });

      const ended = await site.run("install");

      assert.equal(ended.state, "failed");
      assert.equal(ended.error.step, "deploy.install");
      assert.match(ended.error.message, new RegExp(`the step deploy.install: ${type}: the very reason`));
      assert.match(ended.error.hint, hint);
      isLeftClean(ended);
      const log = await site.product.call("GET", `/v1/deployments/${ended.id}/agent-log`);
      assert.equal(log.status, 200);
    });

  for (const [apiFault, code, said, hint] of NOT_TAKEN)
    it(`to take a command, with ${code}, says so, in its words, and what to do`, async () => {
      site.behave({ steps: { install: {} }, apiFault });

      const ended = await site.run("install");

      assert.deepEqual([ended.state, ended.error.step, ended.error.code], ["failed", "get-steps", code]);
      assert.match(ended.error.message, said);
      assert.match(ended.error.hint, hint);
      assert.deepEqual(site.machine().agent!.executed, []);
      isLeftClean(ended);
    });

  it("to know a step is told what there is, before anything is changed", async () => {
    site.behave({ steps: { install: {} } });

    const ended = await site.run("install", "no_such_step");

    assert.equal(ended.error.code, "agent-step-unknown");
    assert.equal(ended.error.step, "get-steps");
    assert.match(ended.error.hint, /deploy\.install/);
    assert.ok(!site.machine().agent!.executed.includes("deploy.execute_deploy_step"));
    isLeftClean(ended);
  });

  it("to serve with TLS is refused at once", async () => {
    site.behave({ tls: false });

    const ended = await site.run("install");

    assert.equal(ended.error.code, "agent-refused");
    assert.match(ended.error.message, /without TLS/);
    isLeftClean(ended);
  });

  it("to be the node's own machine is told in what was waited for", async () => {
    site.behave({ macs: ["52:54:00:99:99:99"] });

    const { body } = await site.submit({ agentSteps: [{ interface: "deploy", step: "install" }] });
    const path = `/v1/deployments/${body.id}`;
    const { step, waitingOn } = await until(async () => {
      const now = (await site.product.call("GET", path)).body;
      assert.equal(now.final, false, JSON.stringify(now.error));
      return (now.waitingOn?.cause ?? null) !== null && now;
    });

    assert.equal(step, "wait-for-agent");
    assert.match(waitingOn.cause, /MAC or UUID of another machine/);
    const { body: audit } = await site.product.call("GET", `/v1/audit?target=${path}&outcome=refused`);
    const [{ action, who, code, status }] = audit.items;
    assert.deepEqual([action, who], ["GET /a/{secret}/v1/lookup", null]);
    assert.deepEqual([code, status], ["other-machine", 404]);
    await site.product.call("POST", `${path}/cancel`);
    isLeftClean(await site.product.end(body.id));
  });

  for (const when of ["before", "after"] as const)
    it(`to answer ${when} it acted is not asked twice`, async () => {
      site.behave({ steps: { install: {} }, cuts: [when, when, when] });

      const ended = await site.run("install");

      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.deepEqual(site.machine().agent!.executed, [
        "deploy.get_deploy_steps",
        "deploy.execute_deploy_step",
        "standby.sync",
      ]);
    });

  it("to end a step in its time is stopped", async () => {
    site.behave({ steps: { install: { ms: 600_000 } } });

    const ended = await site.run({ step: "install", timeoutMs: 1000 });

    assert.equal(ended.error.code, "agent-step-timed-out");
    assert.match(ended.error.message, /deploy\.install within 1 s/);
    isLeftClean(ended);
    assert.match(ended.warnings.join(), /no log of the agent, because it is still at a command/);
    const warned = (await site.product.events(ended.id)).filter(({ type }) => type === "warned");
    assert.deepEqual(
      warned.map(({ step }) => step),
      ["clean-up"],
    );
    const log = await site.product.call("GET", `/v1/deployments/${ended.id}/agent-log`);
    assert.equal(log.body.code, "agent-log-unknown");
  });

  it("in a node that cleans after it leaves nothing half-written on its disks", async () => {
    const path = `/v1/nodes/${site.product.bmc.name}`;
    await site.product.call("PATCH", path, { cleaning: { after: true } });
    site.behave({ steps: { install: { fault: { type: "DeploymentError", message: "half done" } } } });

    const ended = await site.run("install");

    assert.equal(ended.error.code, "agent-command-failed");
    assert.deepEqual(site.machine().agent!.executed.slice(2), [
      "log.collect_system_logs",
      "deploy.execute_deploy_step",
    ]);
    assert.deepEqual(ended.warnings, []);
    isLeftClean(ended);
    await site.product.call("PATCH", path, { cleaning: {} });
  });

  it("in a deployment that cleans after it says when the agent could not be asked", async () => {
    site.behave({ steps: { install: { ms: 600_000 } } });
    const step = { interface: "deploy", step: "install", timeoutMs: 1000 };

    const ended = await site.deploy({ agentSteps: [step], cleaning: { after: true } });

    assert.equal(ended.error.code, "agent-step-timed-out");
    assert.match(ended.warnings.join(), /the disks were not wiped, because it is still at a command/);
    isLeftClean(ended);
  });

  it("before it has touched a disk has nothing to clean", async () => {
    site.behave({ steps: { install: {} } });
    const steps = ["install", "no_such_step"].map((step) => ({ interface: "deploy", step }));

    const ended = await site.deploy({ agentSteps: steps, cleaning: { after: true } });

    assert.equal(ended.error.code, "agent-step-unknown");
    assert.ok(!site.machine().agent!.executed.includes("deploy.execute_deploy_step"));
    isLeftClean(ended);
  });

  it("never, but is cancelled, leaves nothing behind", async () => {
    site.behave({ steps: { install: { ms: 600_000 } } });
    const { body } = await site.submit({ agentSteps: [{ interface: "deploy", step: "install" }] });
    await isIn(site, body.id, "deploy.install");

    await site.product.call("POST", `/v1/deployments/${body.id}/cancel`);

    const ended = await site.product.end(body.id);
    assert.equal(ended.state, "cancelled");
    isLeftClean(ended);
  });
});

describe("an agent that is lost in the midst of a step", () => {
  let site: AgentProduct;
  before(async () => {
    site = await startAgentProduct({ agentSilenceMs: 700, agentLookMs: 100, longestLookMs: 300 });
  });
  after(() => site.stop());

  async function lose(how: "vanish" | "restart"): Promise<Reply["body"]> {
    site.behave({ steps: { install: { ms: 600_000 } } });
    const { body } = await site.submit({ agentSteps: [{ interface: "deploy", step: "install" }] });
    await isIn(site, body.id, "deploy.install");
    await site.machine().agent![how]();
    const ended = await site.product.end(body.id);
    assert.equal(ended.error.code, "agent-lost", ended.error.message);
    assert.match(ended.error.hint, /half done. Deploy again/);
    assertLeftClean(site, ended);
    return ended;
  }

  it("is told by its silence where it has gone away", async () => {
    assert.match((await lose("vanish")).error.message, /silent/);
  });

  it("is told as well where it has started anew", async () => {
    await lose("restart");
  });
});

function assertLeftClean({ product: { bmc } }: AgentProduct, ended: { clean: boolean }): void {
  assert.equal(ended.clean, true);
  assert.equal(bmc.slot().image, null);
  assert.equal(bmc.power, "Off");
  assert.notEqual(bmc.override.enabled, "Once");
}
