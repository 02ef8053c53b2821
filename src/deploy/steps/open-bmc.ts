import type { Node, NodeDescribed, NodeMedia, NodeObserved } from "../../nodes/index.ts";
import {
  type Bmc,
  type BmcDescription,
  isRefusedForGood,
  type RedfishError,
  type Rung,
} from "../../redfish/index.ts";
import { bring, intentsOf } from "../act.ts";
import { seenIn } from "../capabilities.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { chooseProvisionUrl } from "../provision-url.ts";
import { done, type Step, type StepContext, type Waiting } from "../step.ts";
import { checkSecureBoot } from "./set-secure-boot.ts";
import { judgeHttpBoot } from "./http-boot.ts";
import { deploymentOf, discSlots, known, maybe, placesFor, withoutUrls } from "./known.ts";

/**
 * Logs in, finds the system and its slots, and checks that this BMC can do what is asked. Changes nothing but that it
 * switches remote media on where the BMC lists no slot before.
 */
export function openBmc(parts: Pick<Parts, "provision" | "timing">): Step {
  return {
    name: "open-bmc",
    async run(context) {
      const bmc = await context.bmc();
      const node = await context.node();
      const recalled = await recall(context, node, bmc);
      const switchedOn = recalled === undefined ? await lookAtSwitchedOn(context, bmc) : undefined;
      const found = recalled ?? switchedOn ?? (await describe(context, node, bmc));
      const description = withoutUrls(found);
      await context.observe({
        ...seen(context, description),
        ...(recalled === undefined && !seesAll(context) && placesFor(description).length > 0
          ? { described: toKeep(context, node, description) }
          : {}),
      });
      if (context.view.kind === "operation") return done({ bmc: description });
      const brought = await bringSlots(parts, context, bmc, description);
      if ("kind" in brought) return brought;
      if (brought !== description) await context.observe({ described: toKeep(context, node, brought) });
      const usable = await judgeHttpBoot(parts, context, brought);
      checkAbilities(context, usable);
      await checkSecureBoot(context, bmc, brought);
      const provisionUrl = chooseProvisionUrl(parts.provision, {
        nodeUrl: node.provisionUrl,
        site: node.site,
        bmcAddress: node.bmc.address,
        localAddress: bmc.localAddress(),
        schemes: brought.ways.discSchemes,
      });
      return done({ bmc: usable, provisionUrl }, nameOf(brought));
    },
  };
}

/** After this a description is made anew whatever it looks like: a new firmware may have come unnoticed. */
const KEPT_MS = 24 * 3_600_000;

/** The description that an earlier deployment left, as it is now; undefined when there is none that still fits. */
async function recall(
  context: StepContext,
  { version, observed: { described, media } }: Node,
  bmc: Bmc,
): Promise<BmcDescription | undefined> {
  if (seesAll(context) || described === null || described.nodeVersion !== version) return undefined;
  if (context.nowMs() - Date.parse(described.at) > KEPT_MS) return undefined;
  const description = described.description as BmcDescription;
  return hasSlotOf(media, description) ? bmc.recheck(description) : undefined;
}

/** An eject by hand is of every slot, also of those that a deployment has no need to look at. */
function seesAll({ view: { request } }: StepContext): boolean {
  return "operation" in request && request.operation.kind === "eject";
}

function hasSlotOf(media: NodeMedia | null, description: BmcDescription): boolean {
  return media === null || hasPlace(description, media.slot);
}

const hasPlace = ({ slots, httpBoot }: BmcDescription, place: string): boolean =>
  httpBoot?.path === place || slots.some(({ path }) => path === place);

/**
 * Describes the BMC anew, with what had worked on the description before, as long as its slot is still there. The slot that
 * a disc was left in has to be known, or it would not be emptied.
 */
async function describe(
  context: StepContext,
  { observed: { described, media } }: Node,
  bmc: Bmc,
): Promise<BmcDescription> {
  const { preferred } = (described?.description ?? {}) as Partial<BmcDescription>;
  const isThere = (one: BmcDescription) => preferred === undefined || hasPlace(one, preferred.path);
  const found = await bmc.describe({ everySlot: seesAll(context) });
  if (isThere(found) && hasSlotOf(media, found)) return { ...found, preferred };
  const all = await bmc.describe({ everySlot: true });
  return isThere(all) ? { ...all, preferred } : all;
}

/** Keeps what is known of the BMC with the node, with the way that has worked. */
export async function keepDescription(context: StepContext, preferred: Rung): Promise<void> {
  const description = { ...known(context, "bmc"), preferred };
  await context.observe({ described: toKeep(context, await context.node(), description) });
}

function toKeep(context: StepContext, { version }: Node, description: BmcDescription): NodeDescribed {
  return { at: new Date(context.nowMs()).toISOString(), nodeVersion: version, description };
}

function seen(context: StepContext, description: BmcDescription): Partial<NodeObserved> {
  const at = new Date(context.nowMs()).toISOString();
  return { ...seenIn(description, at), systemPath: description.system.path };
}

/** The rest of the BMC was described before the switch; undefined where nothing was switched on, or where slots would be. */
async function lookAtSwitchedOn(context: StepContext, bmc: Bmc): Promise<BmcDescription | undefined> {
  const isAsked = context.view.intents.some(({ kind }) => kind === "media-switch");
  const before = isAsked ? maybe(context, "bmc") : undefined;
  return before?.mediaSwitch?.slotsPath === undefined ? undefined : bmc.findSwitchedOn(before);
}

/**
 * Asks for slots where there are none yet, and again where a promise of them has not shown.
 *
 * @returns the description with them, or what to wait for until they appear
 */
async function bringSlots(
  { timing }: Pick<Parts, "timing">,
  context: StepContext,
  bmc: Bmc,
  description: BmcDescription,
): Promise<BmcDescription | Waiting> {
  const { mediaSwitch } = description;
  if (discSlots(description).length > 0 || mediaSwitch === undefined) return description;
  let found = description;
  const action = {
    kind: "media-switch" as const,
    target: mediaSwitch.enableTarget,
    limitMs: timing.requestLimitMs,
  };
  if (intentsOf(context, action).length === 0) {
    context.learn({ mediaSwitchedOn: true, bmc: description });
    context.warn("the BMC listed no slot, so remote media was switched on; it stays on");
  }
  const asking = bring(context, timing, {
    action,
    what: "the BMC to list a slot for the disc",
    isSoNow: false,
    async isSo() {
      found = withoutUrls(await bmc.findSwitchedOn(description));
      return discSlots(found).length > 0;
    },
    act: (asked) => bmc.switchMediaOn(description, asked),
    settleMs: timing.mediaSettleMs,
    tries: 3,
    ifNotSeen: noSlot(description),
  });
  const waiting = await asking.catch((error: unknown) => {
    throw isRefusedForGood(error) ? notSwitchedOn(description, error) : error;
  });
  return waiting ?? found;
}

/** What is missing is the slot; why it is, the BMC's refusal tells. */
function notSwitchedOn(description: BmcDescription, cause: RedfishError): StepError {
  const { message, ...failure } = noSlot(description);
  const why = `remote media could not be switched on: ${cause.message}`;
  return new StepError(`${message}; ${why}`, { ...failure, cause });
}

function checkAbilities(context: StepContext, description: BmcDescription): void {
  const request = deploymentOf(context);
  if (placesFor(description).length === 0) {
    const failure = noSlot(description);
    throw new StepError(failure.message, failure);
  }
  if (request.finish === "os-running" && description.state.bootProgress === undefined)
    throw new StepError(`${description.system.path} reports no BootProgress, so os-running cannot be seen`, {
      code: "finish-unsupported",
      hint: "Ask for finish disc-read, powered-off or callback.",
    });
}

function noSlot({ system, lack }: BmcDescription) {
  return {
    code: "slot-not-found" as const,
    message: `${system.path} has no slot that takes a CD${lack === undefined ? "" : `: ${lack}`}`,
    hint: "Virtual media may need a licence, or be switched off in the BMC's settings.",
  };
}

/** The machine, and the rows by which its BMC is treated. */
function nameOf({ system, quirks }: BmcDescription): string {
  const name = [system.manufacturer, system.model, system.serialNumber].filter(Boolean).join(" ");
  const rows = quirks.map((quirk) => quirk.name).join(", ");
  return `${name || system.path}${rows === "" ? "" : `; quirks: ${rows}`}`;
}
