import type { Node, NodeDescribed } from "../../nodes/index.ts";
import type { Bmc, BmcDescription } from "../../redfish/index.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { chooseProvisionUrl } from "../provision-url.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { deploymentOf, discSlots } from "./known.ts";

/** Logs in, finds the system and its slots, and checks that this BMC can do what is asked. Changes nothing. */
export function openBmc(parts: Pick<Parts, "provision">): Step {
  return {
    name: "open-bmc",
    async run(context) {
      const bmc = await context.bmc();
      const node = await context.node();
      const recalled = await recall(context, node, bmc);
      const description = recalled ?? (await bmc.describe());
      await context.observe({
        ...seen(context, description),
        ...(recalled === undefined ? { described: toKeep(context, node, description) } : {}),
      });
      if (context.view.kind === "operation") return done({ bmc: description });
      checkAbilities(context, description);
      const provisionUrl = chooseProvisionUrl(parts.provision, {
        nodeUrl: node.provisionUrl,
        site: node.site,
        bmcAddress: node.bmc.address,
        localAddress: bmc.localAddress(),
      });
      return done({ bmc: description, provisionUrl }, nameOf(description));
    },
  };
}

/** After this a description is made anew whatever it looks like: a new firmware may have come unnoticed. */
const KEPT_MS = 24 * 3_600_000;

/** The description that an earlier deployment left, as it is now; undefined when there is none that still fits. */
async function recall(
  context: StepContext,
  { version, observed: { described } }: Node,
  bmc: Bmc,
): Promise<BmcDescription | undefined> {
  if (described === null || described.nodeVersion !== version) return undefined;
  if (context.nowMs() - Date.parse(described.at) > KEPT_MS) return undefined;
  return bmc.recheck(described.description as BmcDescription);
}

function toKeep(context: StepContext, { version }: Node, description: BmcDescription): NodeDescribed {
  return { at: new Date(context.nowMs()).toISOString(), nodeVersion: version, description };
}

function seen(context: StepContext, { system, state }: BmcDescription) {
  return {
    power: state.power,
    reachable: true,
    seenAt: new Date(context.nowMs()).toISOString(),
    systemPath: system.path,
    manufacturer: system.manufacturer ?? null,
    model: system.model ?? null,
    serialNumber: system.serialNumber ?? null,
  };
}

function checkAbilities(context: StepContext, description: BmcDescription): void {
  const request = deploymentOf(context);
  if (discSlots(description).length === 0) {
    const slots = description.slots.map((slot) => slot.id).join(", ");
    throw new StepError(`${description.system.path} has no slot that takes a CD; it has ${slots || "none"}`, {
      code: "slot-not-found",
      hint: "Virtual media may need a licence, or be switched off in the BMC's settings.",
    });
  }
  if (request.finish === "os-running" && description.state.bootProgress === undefined)
    throw new StepError(`${description.system.path} reports no BootProgress, so os-running cannot be seen`, {
      code: "finish-unsupported",
      hint: "Ask for finish disc-read, powered-off or callback.",
    });
}

/** The machine, and the rows by which its BMC is treated. */
function nameOf({ system, quirks }: BmcDescription): string {
  const name = [system.manufacturer, system.model, system.serialNumber].filter(Boolean).join(" ");
  const rows = quirks.map((quirk) => quirk.name).join(", ");
  return `${name || system.path}${rows === "" ? "" : `; quirks: ${rows}`}`;
}
