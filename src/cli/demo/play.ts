import { randomBytes } from "node:crypto";
import {
  type DeploymentAnswer,
  type Finding,
  type NodeAnswer,
  type OperationAnswer,
  showBytes,
} from "../../client/index.ts";
import { asModelMachine, type SimulatedBmc } from "../../../test/bmc-simulator/index.ts";
import type { ApiClient } from "../client.ts";
import type { Shell } from "../shell.ts";
import { watchDeployment } from "../watch.ts";
import type { Stage } from "./stage.ts";
import { say } from "./tell.ts";

/** Long enough for a preflight on loopback, many times over. */
const HELD_MS = 20_000;

/** Shows the stage, and adds the machines by the API as anybody would. */
export async function prepare(
  shell: Shell,
  { lab, image, trayload }: Stage,
  client: ApiClient,
): Promise<NodeAnswer[]> {
  say(
    shell,
    "Trayload puts an operating system on a machine through its BMC. All of this is one process on loopback.",
    "",
    `1. A lab: ${lab.bmcs.length} simulated BMCs, behind each a machine that is off.`,
    ...lab.bmcs.map(({ name, address, profile }) => `     ${name}  ${address}  (${profile})`),
    `2. An image: ${image.url}, ${showBytes(image.sizeBytes)}, boots by BIOS and UEFI.`,
    `3. Trayload: API at ${trayload.apiUrl}, discs for BMCs at ${trayload.provisionUrl}.`,
    "4. The machines are added:  POST /v1/nodes",
  );
  const nodes = await Promise.all(lab.bmcs.map((bmc, index) => addNode(client, bmc, `rack1-u0${index + 1}`)));
  say(shell, `5. Could the first be deployed?  POST …/preflight: ${await preflight(client, nodes[0]!)}.`);
  return nodes;
}

async function addNode(client: ApiClient, bmc: SimulatedBmc, name: string): Promise<NodeAnswer> {
  const { address, username, password, macs } = bmc;
  const node = { name, bmc: { address, username, password }, macs };
  return (await client.call<NodeAnswer>("POST", "/v1/nodes", { body: node })).body;
}

/** How it ended, and how many checks gave what. */
async function preflight(client: ApiClient, { id }: NodeAnswer): Promise<string> {
  const path = `/v1/nodes/${id}/preflight?waitMs=${HELD_MS}`;
  const { body } = await client.call<OperationAnswer>("POST", path, { body: {}, heldMs: HELD_MS });
  const groups = Map.groupBy((body.result as Finding[] | null) ?? [], ({ outcome }) => outcome);
  const counts = [...groups].map(([outcome, findings]) => `${findings.length} ${outcome}`);
  return `${body.state}; checks: ${counts.join(", ")}`;
}

/** Deploys the machine of the lab's first BMC, and watches it. */
export async function deploy(
  shell: Shell,
  { lab, image, trayload }: Stage,
  client: ApiClient,
  node: NodeAnswer,
): Promise<void> {
  const callbackSecret = randomBytes(24).toString("base64url");
  const callBack = `${trayload.provisionUrl}/c/${callbackSecret}`;
  // What an installer would find on the kernel line of its ISO.
  asModelMachine(lab.bmcs[0]!.machine).behave({
    script: [
      { callBack, body: { status: "started", message: "the installer runs" } },
      { waitMs: 300 },
      { callBack, body: { status: "succeeded", message: "the installer is done" } },
    ],
  });
  say(
    shell,
    "6. One deployment:  POST /v1/deployments",
    "     The ISO knows where to call, and its call is what counts as success.",
    "",
  );
  const body = { node: node.id, boot: { iso: { url: image.url, checksum: image.checksum } }, callbackSecret };
  const { body: accepted } = await client.call<DeploymentAnswer>("POST", "/v1/deployments", { body });
  await watchDeployment(shell, client, { id: accepted.id, isQuiet: false, forMs: undefined, goesOn: false });
}
