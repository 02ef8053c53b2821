import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Timing } from "../../src/deploy/index.ts";
import {
  asModelMachine,
  type ModelMachine,
  modelMachines,
  type ModelOptions,
} from "../bmc-simulator/index.ts";
import { makeCertificate } from "../bmc-simulator/certificate.ts";
import { makeBootloaders, serveAgentImages } from "./agent-images.ts";
import { type Product, type Reply, startProduct } from "./fixture.ts";

/** The whole product with images of the agent, over a machine that starts one from its disc. */
export interface AgentProduct {
  product: Product;
  /** The machine of the node. */
  machine(): ModelMachine;
  /** How the machine's next agents behave; seconds are thousandths unless told. */
  behave(agent: ModelOptions["agent"]): void;
  /** Asks for a deployment by the agent. @returns the answer */
  submit(request: Record<string, unknown>): Promise<Reply>;
  /** Asks for one and waits for its end. @returns the deployment */
  deploy(request: Record<string, unknown>): Promise<Reply["body"]>;
  /** The same with steps of these names. */
  run(...steps: (string | Record<string, unknown>)[]): Promise<Reply["body"]>;
  stop(): Promise<void>;
}

export const SCALE = 0.002;

/** @param settings beside the fixture's own, without `TRAYLOAD_` */
export async function startAgentProduct(
  timing: Partial<Timing> = {},
  settings: Record<string, string> = {},
): Promise<AgentProduct> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-agent-"));
  const images = await serveAgentImages();
  const caFile = join(folder, "ca.crt");
  writeFileSync(caFile, makeCertificate().cert);
  const product = await startProduct({
    settings: {
      BOOTLOADER_X86_64: makeBootloaders(folder),
      AGENT_CA_FILE: caFile,
      ...settings,
    },
    machines: modelMachines({ agent: { timeScale: SCALE } }),
    timing: { heartbeatS: 60, agentLookMs: 500, ...timing },
  });
  const { kernel, ramdisk } = images;
  const put = await product.call("PUT", "/v1/settings/agent-images", { x86_64: { kernel, ramdisk } });
  assert.equal(put.status, 200, JSON.stringify(put.body));
  const { macs } = product.bmc;
  assert.equal((await product.addNode(product.bmc, { macs })).status, 201);

  const submit: AgentProduct["submit"] = (request) => product.submit({ boot: undefined, ...request });
  const deploy: AgentProduct["deploy"] = (request) => product.deploy({ boot: undefined, ...request });
  return {
    product,
    machine: () => asModelMachine(product.bmc.machine),
    behave: (agent) => asModelMachine(product.bmc.machine).behave({ agent: { timeScale: SCALE, ...agent } }),
    submit,
    deploy,
    run: (...steps) => deploy({ agentSteps: steps.map(stepOf) }),
    async stop() {
      await product.stop();
      await images.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

export function stepOf(step: string | Record<string, unknown>): Record<string, unknown> {
  return { interface: "deploy", ...(typeof step === "string" ? { step } : step) };
}

/** Waits until a deployment is in a step. */
export async function isIn({ product }: AgentProduct, id: string, step: string): Promise<void> {
  for (let after = 0; ; ) {
    const { body } = await product.call("GET", `/v1/deployments/${id}?waitMs=5000&after=${after}`);
    if (body.step === step && body.waitingOn !== null) return;
    assert.equal(body.final, false, JSON.stringify(body.error));
    after = body.version;
  }
}
