import { ulid } from "ulid";
import { canaryDisc } from "../../images/index.ts";
import { type Bmc, type BmcDescription, type Finding, RedfishError, type Slot } from "../../redfish/index.ts";
import { paceOf } from "../act.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { chooseProvisionUrl } from "../provision-url.ts";
import { hashOf } from "../secret.ts";
import { done, type Step, type StepContext, type StepResult, type Waiting } from "../step.ts";
import { discSlots, maybe } from "./known.ts";
import { bringIn, bringOut } from "./media.ts";
import { discUrl, secretOf } from "./publish-disc.ts";
import { hasReadAnything } from "./sight.ts";

type Needed = Pick<Parts, "timing" | "seals" | "exposures" | "readCounts" | "provision">;

/** How long a BMC may take to its first look at what was inserted. Some look at boot only. */
const READ_MS = 15_000;

/**
 * Puts a disc of 1 MiB into an empty slot, sees whether it is read, and takes it out again. The machine is left as it is. What
 * goes wrong is a finding; a canary that cannot be taken out is one that fails.
 */
export function tryCanary(parts: Needed): Step {
  return {
    name: "try-canary",
    async run(context) {
      const before = (maybe(context, "result") ?? []) as Finding[];
      const end = (finding: Omit<Finding, "check">): StepResult =>
        done({ result: [...before, { check: "canary", ...finding }] });
      if (before.some(({ check, outcome }) => check !== "image" && outcome === "fail"))
        return end({
          outcome: "skip",
          detail: "needs all other checks, of which some failed",
          hint: undefined,
        });
      try {
        return await tryIn(parts, context, end);
      } catch (error) {
        if (!(error instanceof RedfishError) && !(error instanceof StepError)) throw error;
        await withdraw(parts, context);
        return end({ outcome: "fail", detail: error.message, hint: error.hint });
      }
    },
  };
}

type End = (finding: Omit<Finding, "check">) => StepResult;

async function tryIn(parts: Needed, context: StepContext, end: End): Promise<StepResult> {
  const bmc = await context.bmc();
  const described = maybe(context, "bmc") ?? (await begin(parts, context, bmc));
  const slot = discSlots(described).find(({ isInserted }) => !isInserted);
  if (slot === undefined) {
    await withdraw(parts, context);
    return end({ outcome: "skip", detail: "no slot is empty", hint: undefined });
  }
  const seen = maybe(context, "canary") ?? (await look(parts, context, bmc, slot));
  if (typeof seen === "object") return seen;
  const waiting = await bringOut(parts, context, bmc, slot);
  if (waiting !== undefined) return waiting;
  await withdraw(parts, context);
  return end(findingOf(seen, slot, maybe(context, "provisionUrl")!));
}

/** Describes the BMC and serves the canary. */
async function begin(parts: Needed, context: StepContext, bmc: Bmc): Promise<BmcDescription> {
  const described = await bmc.describe();
  const node = await context.node();
  const provisionUrl = chooseProvisionUrl(parts.provision, {
    nodeUrl: node.provisionUrl,
    site: node.site,
    bmcAddress: node.bmc.address,
    localAddress: bmc.localAddress(),
    schemes: described.ways.discSchemes,
  });
  const disc = canaryDisc(`disc_${ulid(context.nowMs())}`);
  context.learn({ bmc: described, provisionUrl, disc: { id: disc.id, sizeBytes: disc.sizeBytes } });
  await parts.exposures.publish({
    kind: "disc",
    secretHash: hashOf(secretOf(parts.seals, context)),
    recordId: context.view.id,
    disc,
    bmcHost: new URL(node.bmc.address).hostname,
  });
  return described;
}

/** @returns what was seen, or what to wait for */
async function look(
  parts: Needed,
  context: StepContext,
  bmc: Bmc,
  slot: Slot,
): Promise<"read" | "unread" | Waiting> {
  const url = discUrl(parts, context);
  const { id } = maybe(context, "disc")!;
  const inserting = await bringIn(parts, context, bmc, slot, { id, url, isInNow: undefined });
  if (inserting !== undefined) return inserting;
  const insert = context.view.intents.findLast(({ kind }) => kind === "insert-media");
  const sinceMs = Date.parse(insert?.answeredAt ?? insert?.at ?? new Date(context.nowMs()).toISOString());
  const isRead = hasReadAnything(await parts.readCounts.load(id), 0);
  if (!isRead && context.nowMs() - sinceMs < READ_MS)
    return {
      kind: "waiting",
      what: "the BMC to read the canary",
      lookAgainMs: paceOf(parts.timing, context.nowMs() - sinceMs),
    };
  context.learn({ canary: isRead ? "read" : "unread" });
  return isRead ? "read" : "unread";
}

function findingOf(seen: "read" | "unread", { id }: Slot, provisionUrl: string): Omit<Finding, "check"> {
  const { host } = new URL(provisionUrl);
  if (seen === "read")
    return { outcome: "pass", detail: `a disc from ${host} in slot ${id} was read`, hint: undefined };
  return {
    outcome: "warn",
    detail: `a disc from ${host} went into slot ${id}, and nothing was read of it within ${READ_MS / 1000} s`,
    hint: `Some BMCs read at boot only; else check that the BMC reaches ${host}.`,
  };
}

async function withdraw({ exposures }: Needed, context: StepContext): Promise<void> {
  await exposures.expire(context.view.id, "disc", null);
}
