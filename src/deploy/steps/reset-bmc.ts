import { type BmcDescription, RedfishError } from "../../redfish/index.ts";
import { bring, intentsOf } from "../act.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { known, maybe } from "./known.ts";

type Needed = Pick<Parts, "timing" | "store" | "nodes">;

/**
 * Restarts the BMC, and sees it gone and back: a remedy for one that is stuck, only ever done because somebody has asked for
 * it. The machine goes on. Other machines of the same BMC must not be at work on it, since their deployments lose it too.
 */
export function resetBmc(parts: Needed): Step {
  return {
    name: "reset-bmc",
    async run(context) {
      await learnBmc(context);
      const description = known(context, "bmc");
      const action = actionFor(parts, description);
      if (intentsOf(context, action).length === 0) await refuseWhileOthersWork(parts, context);
      const waiting = await bring(context, parts.timing, {
        action,
        what: "the BMC to restart and answer again",
        isSo: () => isBack(context, description, intentsOf(context, action).length > 0),
        act: async (asked) => (await context.bmc()).resetBmc(description, asked),
        settleMs: parts.timing.bmcResetMs,
        atWorkMs: async () => Date.parse(maybe(context, "bmcAwayAt") ?? "") || 0,
        tries: 1,
        ifNotSeen: {
          code: "action-not-seen",
          message: "the BMC took the restart and was not seen to be gone and back",
          hint: "Restart it by its own web page or command line, or cut its power.",
        },
      });
      if (waiting !== undefined) return waiting;
      await context.observe({ reachable: true, seenAt: new Date(context.nowMs()).toISOString() });
      return done({ result: { restarted: description.managers.map(({ path }) => path) } });
    },
  };
}

const actionFor = ({ timing }: Needed, { managers }: BmcDescription) => ({
  kind: "bmc-reset" as const,
  target: managers[0]?.path ?? "/redfish/v1",
  limitMs: timing.requestLimitMs,
});

/** One that is stuck may not be able to describe itself any more: what is known of it serves. */
async function learnBmc(context: StepContext): Promise<void> {
  if (maybe(context, "bmc") !== undefined) return;
  const node = await context.node();
  const { described } = node.observed;
  const isKnown = described !== null && described.nodeVersion === node.version;
  const bmc = isKnown ? (described.description as BmcDescription) : await (await context.bmc()).describe();
  context.learn({ bmc, bmcResetBefore: (await lastReset(context, bmc)) ?? null });
}

/** @returns undefined also when it does not answer */
async function lastReset(context: StepContext, description: BmcDescription): Promise<string | undefined> {
  try {
    return await (await context.bmc()).readLastReset(description);
  } catch (error) {
    if (error instanceof RedfishError && error.retryable) return undefined;
    throw error;
  }
}

/** Gone, and answering again; or telling of a restart that nobody has seen. */
async function isBack(context: StepContext, description: BmcDescription, isAsked: boolean): Promise<boolean> {
  if (!isAsked) return false;
  try {
    const last = await (await context.bmc()).readLastReset(description);
    const before = maybe(context, "bmcResetBefore") ?? null;
    return (
      maybe(context, "bmcAwayAt") !== undefined || (before !== null && last !== undefined && last !== before)
    );
  } catch (error) {
    if (!(error instanceof RedfishError) || !error.retryable) throw error;
    context.learn({ bmcAwayAt: new Date(context.nowMs()).toISOString() });
    return false;
  }
}

async function refuseWhileOthersWork({ nodes, store }: Needed, context: StepContext): Promise<void> {
  for (const { id, name } of await nodes.sharing(context.view.node.id)) {
    const holder = await store.holderOf(id);
    if (holder === undefined) continue;
    throw new StepError(`the same BMC has node ${name}, which ${holder} is at work on`, {
      code: "bmc-at-work",
      hint: "Wait for it, or cancel it.",
    });
  }
}
