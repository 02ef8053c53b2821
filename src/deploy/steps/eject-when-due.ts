import { isStoreAway, toFailure } from "../errors.ts";
import { Fenced } from "../journal.ts";
import type { Parts } from "../parts.ts";
import { EJECT_GRACE_MS } from "../plan.ts";
import type { DeploymentRequest, EjectPolicy, OperationRequest } from "../request.ts";
import { hashOf } from "../secret.ts";
import { done, type Step, type StepContext, type StepResult, type Waiting } from "../step.ts";
import { endBmcEvents } from "./bmc-events.ts";
import { ejectAsDue, isEjectDue } from "./due-eject.ts";
import { bringBootToDisk, bringOurDiscOut } from "./eject.ts";
import { known, maybe } from "./known.ts";
import { payDebt } from "./pay-debt.ts";
import { secretOf } from "./publish-disc.ts";
import { SECOND_DISC, secondSecretOf } from "./second-disc.ts";

type Needed = Pick<Parts, "timing" | "seals" | "exposures" | "images" | "readCounts" | "store">;

/** Facts of the deployment that are needed to look after its disc. */
const RECALLED = [
  "bmc",
  "provisionUrl",
  "attempt",
  "disc",
  "slotPath",
  "rung",
  "uriBefore",
  "bmcEvents",
  "poweredOnAt",
  "ejectedAt",
  "secondDisc",
  "secondSlotPath",
  "secondEjectedAt",
];

/** Takes over a disc that a deployment left in its slot: from now on its reads wake this record. */
export function recallDisc({ store, exposures, seals }: Needed): Step {
  return {
    name: "recall-disc",
    async run(context) {
      const { deploymentId } = requestOf(context);
      const deployment = (await store.get(deploymentId))!;
      const announced = deployment.intents.filter(({ kind }) => kind === "insert-media");
      const first = announced.findLast(({ discId }) => !discId?.startsWith(SECOND_DISC));
      const second = announced.findLast(({ discId }) => discId?.startsWith(SECOND_DISC));
      const entries = Object.entries(deployment.facts).filter(([name]) => RECALLED.includes(name));
      // What was announced last goes before what an earlier rung has left.
      const facts = {
        ...Object.fromEntries(entries),
        ...(first === undefined ? {} : { slotPath: first.target }),
        ...(second === undefined ? {} : { secondSlotPath: second.target }),
        discOwner: deploymentId,
      };
      context.learn(facts);
      for (const secret of [secretOf(seals, context), secondSecretOf(seals, context)]) {
        const exposed = await exposures.find(hashOf(secret));
        if (exposed?.kind === "disc") await exposures.publish({ ...exposed, recordId: context.view.id });
      }
      return done();
    },
  };
}

/**
 * Waits without holding the node until the disc has to leave, takes the node, and ejects. When the node's next deployment
 * comes first, the disc is its business.
 */
export function ejectWhenDue(parts: Needed): Step {
  return {
    name: "eject-when-due",
    async run(context) {
      const owner = known(context, "discOwner");
      const { media } = (await context.node()).observed;
      if (media?.deploymentId !== owner) return endDisc(parts, context, "the disc has left the slot already");
      const deployment = (await parts.store.get(owner))!;
      const { eject } = deployment.request as DeploymentRequest;
      const isOwed = media.owed !== null;
      if (!isOwed && !(await isDueNow(parts, context))) return waitOn(parts, context, eject);
      if (!(await context.takeNode()))
        return { kind: "waiting", what: "the node to be free", lookAgainMs: 10_000 };
      return ejectNow(parts, context, () =>
        isOwed ? payDebt(parts, context, deployment) : bringDiscOut(parts, context, eject),
      );
    },
  };
}

function requestOf(context: StepContext) {
  return (context.view.request as OperationRequest).operation as { deploymentId: string };
}

async function isDueNow(parts: Needed, context: StepContext): Promise<boolean> {
  // Once begun it is carried through, and after its time the disc leaves whatever was read.
  if (context.view.intents.length > 0 || maybe(context, "ejectedAt") !== undefined) return true;
  if (context.nowMs() >= context.deadlineMs - EJECT_GRACE_MS) return true;
  const deployment = (await parts.store.get(known(context, "discOwner")))!;
  const { eject } = deployment.request as DeploymentRequest;
  if (eject === "on-callback")
    return deployment.lateSuccessAt !== null || deployment.callback?.status === "succeeded";
  const reads = await parts.readCounts.load(known(context, "disc").id);
  return isEjectDue(parts, context, eject, reads);
}

const CONDITIONS: Record<string, string> = {
  "on-reboot": "the machine to come back to the disc after a reboot",
  "when-booted": "the machine to run from memory",
  "on-callback": "the call-back",
};

function waitOn({ timing }: Needed, context: StepContext, eject: string): StepResult {
  const toDueMs = context.deadlineMs - EJECT_GRACE_MS - context.nowMs();
  const longMs = eject === "on-reboot" ? 3_600_000 : Math.min(timing.bootedSilenceMs, 30_000);
  return {
    kind: "waiting",
    what: CONDITIONS[eject] ?? "the end of the disc's time",
    next: "the disc is ejected",
    lookAgainMs: Math.max(0, Math.min(toDueMs, longMs)),
  };
}

/** After its time the disc leaves whatever was read. */
async function bringDiscOut(
  parts: Needed,
  context: StepContext,
  policy: EjectPolicy,
): Promise<Waiting | undefined> {
  const isInTime = context.nowMs() < context.deadlineMs - EJECT_GRACE_MS;
  const isByReboot = policy === "on-reboot" && isInTime;
  const waiting = isByReboot
    ? await ejectAsDue(parts, context, policy)
    : ((await bringOurDiscOut(parts, context)) ?? (await bringBootToDisk(parts, context)));
  if (waiting === undefined) await endBmcEvents(parts, context);
  return waiting;
}

async function ejectNow(
  parts: Needed,
  context: StepContext,
  eject: () => Promise<Waiting | undefined>,
): Promise<StepResult> {
  try {
    const waiting = await eject();
    return waiting ?? endDisc(parts, context, "ejected");
  } catch (error) {
    if (error instanceof Fenced || isStoreAway(error)) throw error;
    const failure = toFailure(error, context.step);
    const { media } = (await context.node()).observed;
    if (media !== null) await context.observe({ media: { ...media, owed: failure.message } });
    // The node's next deployment pays this first of all; nothing of ours may reach the BMC once it has begun.
    if (!isUnderWay(context)) await context.leaveNode();
    return {
      kind: "waiting",
      what: "the BMC to take the eject",
      cause: failure.message,
      lookAgainMs: Math.min(parts.timing.owedMs + (context.nowMs() - context.startedMs) / 10, 600_000),
    };
  }
}

/** Whether a request may still act whose answer nobody has seen. */
function isUnderWay(context: StepContext): boolean {
  const nowMs = context.nowMs();
  return context.view.intents.some(
    ({ outcome, at, limitMs }) =>
      (outcome === null || outcome === "unknown") && Date.parse(at) + limitMs > nowMs,
  );
}

async function endDisc(
  { exposures, images }: Needed,
  context: StepContext,
  how: string,
): Promise<StepResult> {
  const owner = known(context, "discOwner");
  await exposures.expire(context.view.id, "disc", null);
  await exposures.expire(owner, "disc", null);
  await images.release(owner);
  return done({ result: { ejected: how } }, how);
}
