import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { completeJob } from "../../src/deploy/agent/job.ts";
import { withoutToken } from "../../src/deploy/agent/log.ts";
import type { Offer } from "../../src/deploy/agent/offered.ts";
import type { DeploymentInput } from "../../src/deploy/index.ts";
import { planSteps } from "../../src/deploy/steps/get-steps.ts";

const NOTHING_CLEANED = { before: false, after: false };
const WRITE = { image: { url: "http://images/disk.raw" } };
const raid = { interface: "raid", step: "apply_configuration" };
const bios = { interface: "bios", step: "apply_configuration" };
const late = { interface: "deploy", step: "inject_files", priority: 50 };

function planned(input: Partial<DeploymentInput>, reboots: readonly string[] = []): string[] {
  const { steps } = completeJob({ node: "n", ...input }, NOTHING_CLEANED)!;
  const offered = [
    "raid.apply_configuration",
    "bios.apply_configuration",
    "deploy.inject_files",
    "deploy.write_image",
  ];
  const offer: Offer = {
    versions: {},
    steps: offered.map((name) => {
      const [of, step] = name.split(".") as [string, string];
      return { interface: of, step, rebootRequested: reboots.includes(name) };
    }),
  };
  return planSteps(steps, offer).map(({ name }) => name);
}

describe("the steps of an agent", () => {
  it("prepare the machine before its disk is written, in their order, and do the rest behind", () => {
    assert.deepEqual(planned({ write: WRITE, agentSteps: [raid, late, bios] }), [
      "raid.apply_configuration",
      "bios.apply_configuration",
      "deploy.write_image",
      "install-bootloader",
      "deploy.inject_files",
    ]);
  });

  it("have the boot loader installed before a restart has the agent forget what it wrote", () => {
    const steps = planned({ write: WRITE, agentSteps: [late, { ...late, priority: 40 }] }, [
      "deploy.inject_files",
    ]);

    assert.deepEqual(steps, [
      "deploy.write_image",
      "install-bootloader",
      "deploy.inject_files",
      "power-off-3",
      "boot-from-disc-3",
      "wait-for-agent-3",
      "deploy.inject_files-2",
    ]);
  });

  it("have no boot loader where none of them writes", () => {
    assert.deepEqual(planned({ agentSteps: [raid] }), ["raid.apply_configuration"]);
  });
});

describe("the log of an agent", () => {
  it("is kept without its token, as long as it was", async () => {
    const token = "t".repeat(43);
    const log = `GET /v1/commands/?agent_token=${token} 200\nPOST ?agent_token=${token}&wait=false\n`;

    const kept = gunzipSync(await withoutToken(gzipSync(log), token)).toString();

    assert.equal(kept, log.replaceAll(token, "*".repeat(43)));
  });

  it("is refused where it is no archive", async () => {
    await assert.rejects(withoutToken(Buffer.from("no gzip"), "t".repeat(43)), /header/);
  });
});
