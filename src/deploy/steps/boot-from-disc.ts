import {
  type Bmc,
  type BmcDescription,
  type BootOverride,
  type BootWay,
  type DiscBoot,
  isRefusedForGood,
  type Rung,
  type Slot,
} from "../../redfish/index.ts";
import { beginBoot } from "../agent/boot.ts";
import { bring, intentsOf } from "../act.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext, type StepResult, type Waiting } from "../step.ts";
import { deploymentOf, isSameRung, known, maybe, rungOf, rungsOf, slotAt } from "./known.ts";
import { leadsToDisc } from "./http-boot.ts";
import { nextRung } from "./insert-media.ts";
import { bringPower } from "./power.ts";
import { discUrl } from "./publish-disc.ts";

type Timed = Pick<Parts, "timing">;
type Needed = Pick<Parts, "timing" | "agents" | "seals">;

/**
 * Sets the boot override and switches the machine on: one step, since a one-shot override is consumed by the very boot
 * that it causes. Once power-on is announced, the override is no longer looked at.
 */
export function bootFromDisc(parts: Needed): Step {
  return {
    name: "boot-from-disc",
    async run(context) {
      const description = known(context, "bmc");
      const bmc = await context.bmc();
      const powerOn = { kind: "power-on" as const, target: description.system.path };
      if (intentsOf(context, powerOn).length === 0) {
        try {
          const waiting = await bringOverride(parts, context, bmc, description);
          if (waiting !== undefined) return waiting;
        } catch (error) {
          return await byMakersSwitch(context, error);
        }
        if (deploymentOf(context).agent !== undefined) await beginBoot(parts, context);
      }
      const waiting = await bringPower(parts, context, description, "on");
      if (waiting !== undefined) return waiting;
      const announced = intentsOf(context, powerOn)[0];
      if (announced === undefined) return afterForeignPowerOn(context);
      context.evidence("powered-on", "PowerState reads On after our Reset", "strong");
      return done({ poweredOnAt: announced.at, isOneShot: maybe(context, "isOneShot") ?? false });
    },
  };
}

/** An override that is refused for good, or not kept, leaves a maker's own switch for the boot from the same slot. */
function byMakersSwitch(context: StepContext, error: unknown): Promise<StepResult> {
  const rung = rungOf(context);
  const tried = maybe(context, "tried") ?? [];
  const isOpen = (one: Rung) =>
    one.path === rung.path &&
    one.media === rung.media &&
    one.boot !== rung.boot &&
    !tried.some((other) => isSameRung(one, other));
  const isForGood = isRefusedForGood(error) || (error instanceof StepError && !error.retryable);
  // An agent that was restarted in the middle of its work is not begun anew.
  const isFirstBoot = context.step === "boot-from-disc";
  if (!isForGood || !isFirstBoot || !rungsOf(context).some(isOpen)) throw error;
  return nextRung(context, error, true);
}

/** The machine is on and we did not do it: its boot may have passed the disc by, so it is begun again. */
function afterForeignPowerOn(context: StepContext): StepResult {
  const times = (maybe(context, "foreignPowerOns") ?? 0) + 1;
  if (times > 2)
    throw new StepError("the machine is switched on by somebody else again and again", {
      code: "power-not-reached",
      hint: "Look for another tool, or a power restore policy, that switches this machine on.",
    });
  return {
    kind: "retreat",
    // The same of an agent's restart.
    to: context.step.replace("boot-from-disc", "power-off"),
    why: "somebody else switched the machine on",
    facts: { foreignPowerOns: times },
  };
}

function bringOverride(
  { timing, seals }: Pick<Parts, "timing" | "seals">,
  context: StepContext,
  bmc: Bmc,
  description: BmcDescription,
): Promise<Waiting | undefined> {
  const { bootMode, bootPolicy } = deploymentOf(context);
  const slot = slotAt(description, known(context, "slotPath"));
  const way = maybe(context, "rung")?.boot ?? "override";
  if (way !== "override") return bringMakersBoot({ timing }, context, bmc, { description, slot, way });
  const persistent = bootPolicy === "persistent";
  const options: DiscBoot =
    slot.bootUri === undefined
      ? { mode: bootMode, persistent }
      : { mode: "uefi", persistent, httpUri: discUrl({ seals }, context) };
  const target = description.system.path;
  const action = { kind: "boot-override" as const, target, limitMs: timing.requestLimitMs };
  let seen: BootOverride | undefined;
  const isFirst = intentsOf(context, action).length === 0;
  return bring(context, timing, {
    action,
    what: "the boot override to read back",
    // Setting an override twice does no harm, so a settings object is not asked first: nobody has read it lately.
    ...(isFirst && description.boot.settingsPath !== undefined ? { isSoNow: false } : {}),
    async isSo() {
      seen = await bmc.readOverride(description);
      // What an earlier boot has left may be for every boot, or in another mode; what a BMC makes of our own words is taken.
      const isLeft = intentsOf(context, action).length === 0;
      if (!leadsToDisc(context, seen) || (isLeft && !isAsAsked(seen, options))) return false;
      context.learn({ isOneShot: seen.enabled === "Once" });
      return true;
    },
    act: (asked) =>
      bmc.bootFromDisc(description, slot, {
        ...options,
        ...asked,
        ...(seen?.etag === undefined ? {} : { etag: seen.etag }),
      }),
    settleMs: timing.overrideSettleMs,
    tries: 2,
    ifNotSeen: {
      code: "boot-override-not-kept",
      message: `${description.system.path} took the boot override and does not show it`,
      hint: "Look for a pending BIOS job of the BMC, or a boot mode that it does not allow.",
    },
  });
}

/** Such a switch is for one boot by its nature. */
function bringMakersBoot(
  { timing }: Timed,
  context: StepContext,
  bmc: Bmc,
  { description, slot, way }: { description: BmcDescription; slot: Slot; way: Exclude<BootWay, "override"> },
): Promise<Waiting | undefined> {
  const limitMs = timing.requestLimitMs;
  return bring(context, timing, {
    action: { kind: "boot-override", target: description.system.path, limitMs },
    what: `the next boot to read back as the disc's (${way})`,
    async isSo() {
      if (!(await bmc.showsMakersBoot(description, slot, way))) return false;
      context.learn({ isOneShot: true });
      return true;
    },
    act: (asked) => bmc.bootByMaker(description, slot, way, asked),
    settleMs: timing.overrideSettleMs,
    tries: 2,
    ifNotSeen: {
      code: "boot-override-not-kept",
      message: `the BMC took ${way} for the next boot and does not show it`,
      hint: "Look for a pending job of the BMC.",
    },
  });
}

function isAsAsked(override: BootOverride, { mode, persistent }: DiscBoot): boolean {
  const wanted = mode === null ? override.mode : { uefi: "UEFI", bios: "Legacy" }[mode];
  return override.enabled === (persistent ? "Continuous" : "Once") && override.mode === wanted;
}
