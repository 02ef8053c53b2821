import type { BmcDescription, PowerState } from "../../redfish/index.ts";
import { bring, intentsOf } from "../act.ts";
import type { Parts } from "../parts.ts";
import type { RecordView } from "../record.ts";
import type { DeploymentRequest } from "../request.ts";
import type { StepContext, Waiting } from "../step.ts";

/** Brings the power to on, or off by force, and sees it. @returns undefined when it is so */
export async function bringPower(
  { timing }: Pick<Parts, "timing">,
  context: StepContext,
  description: BmcDescription,
  wanted: "on" | "off",
): Promise<Waiting | undefined> {
  const bmc = await context.bmc();
  const kind = wanted === "on" ? "power-on" : "power-off";
  const action = { kind, target: description.system.path, limitMs: timing.requestLimitMs } as const;
  let last: PowerState = "unknown";
  return bring(context, timing, {
    action,
    what: `the BMC to show power ${wanted}`,
    async isSo() {
      last = (await bmc.readState(description)).power;
      if (last === wanted) await context.observe({ power: last });
      return last === wanted;
    },
    act: (asked) =>
      bmc.setPower(description, wanted === "on" ? "on" : "force-off", {
        ...asked,
        again: intentsOf(context, action).length > 1,
      }),
    settleMs: timing.powerSettleMs,
    tries: 3,
    ifNotSeen: {
      code: "power-not-reached",
      message: `${description.system.path} was asked for power ${wanted} and did not show it`,
      hint: "Look at the machine's power supplies and at the BMC's log.",
    },
  });
}

/** The power that a deployment is to leave behind; undefined where the machine is left as it is. */
export function powerToLeave({ request, facts }: RecordView): "on" | "off" | undefined {
  const { finish, power } = request as DeploymentRequest;
  if (facts["finished"] !== true) return undefined;
  return finish === "powered-off" || power === "off" ? power : undefined;
}

/** Asks the operating system to switch the machine off, and sees it off. */
export async function bringShutdown(
  { timing }: Pick<Parts, "timing">,
  context: StepContext,
  description: BmcDescription,
): Promise<Waiting | undefined> {
  const bmc = await context.bmc();
  return bring(context, timing, {
    action: { kind: "power-off", target: description.system.path, limitMs: timing.requestLimitMs },
    what: "the operating system to switch the machine off",
    async isSo() {
      const { power } = await bmc.readState(description);
      if (power === "off") await context.observe({ power });
      return power === "off";
    },
    act: (asked) => bmc.setPower(description, "off", asked),
    settleMs: timing.shutdownMs,
    tries: 1,
    ifNotSeen: {
      code: "power-not-reached",
      message: `the operating system on ${description.system.path} did not switch the machine off`,
      hint: "It may ignore the power button; use force-off.",
    },
  });
}
