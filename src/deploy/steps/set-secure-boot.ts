import type { Bmc, BmcDescription, SecureBootState } from "../../redfish/index.ts";
import { bring, paceOf } from "../act.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext, type Waiting } from "../step.ts";
import { deploymentOf, known } from "./known.ts";
import { bringPower } from "./power.ts";

type Timed = Pick<Parts, "timing">;

/**
 * Sets Secure Boot as asked, and boots the machine once without its disc where the firmware takes that over only at a boot:
 * the disc is then booted as was asked for, which `SecureBootCurrentBoot` proves.
 */
export function setSecureBoot(parts: Timed): Step {
  return {
    name: "set-secure-boot",
    async run(context) {
      const description = known(context, "bmc");
      const isWanted = deploymentOf(context).secureBoot === "required";
      const bmc = await context.bmc();
      const state = await readOrFail(context, bmc, description);
      const isApplied = state.isEnabled === isWanted && (state.isActive ?? isWanted) === isWanted;
      if (isApplied) {
        const off = await bringPower(parts, context, description, "off");
        if (off !== undefined) return off;
        const strength = state.isActive === undefined ? "weak" : "strong";
        context.evidence("secure-boot", `Secure Boot reads ${isWanted ? "on" : "off"}`, strength);
        return done();
      }
      return (
        (await bringSetting(parts, context, bmc, isWanted)) ??
        (await bringPower(parts, context, description, "on")) ??
        waitForBoot(parts, context, isWanted)
      );
    },
  };
}

/** Refused before the machine is touched where it cannot be done. @throws StepError `secure-boot-unsupported` */
export async function checkSecureBoot(
  context: StepContext,
  bmc: Bmc,
  description: BmcDescription,
): Promise<void> {
  const { secureBoot = "unchanged" } = deploymentOf(context);
  if (secureBoot === "unchanged") return;
  const { mode } = await readOrFail(context, bmc, description);
  if (secureBoot === "required" && mode === "SetupMode")
    throw new StepError(`${description.system.path} has no keys for Secure Boot (SetupMode)`, {
      code: "secure-boot-unsupported",
      hint: "Enrol the maker's default keys in the firmware's menu or by the BMC's ResetKeys action.",
    });
}

async function readOrFail(
  context: StepContext,
  bmc: Bmc,
  description: BmcDescription,
): Promise<SecureBootState> {
  const state = await bmc.readSecureBoot(description);
  if (state !== undefined) return state;
  const { secureBoot } = deploymentOf(context);
  throw new StepError(`${description.system.path} shows no Secure Boot, and ${secureBoot} was asked for`, {
    code: "secure-boot-unsupported",
    hint: "Set it in the firmware's own menu, and ask for secureBoot unchanged; some BMCs show it by licence alone.",
  });
}

function bringSetting(
  { timing }: Timed,
  context: StepContext,
  bmc: Bmc,
  isWanted: boolean,
): Promise<Waiting | undefined> {
  const description = known(context, "bmc");
  return bring(context, timing, {
    action: { kind: "secure-boot", target: description.system.path, limitMs: timing.requestLimitMs },
    what: `Secure Boot to read back as ${isWanted ? "enabled" : "disabled"}`,
    isSo: async () => (await readOrFail(context, bmc, description)).isEnabled === isWanted,
    act: (asked) => bmc.setSecureBoot(description, isWanted, asked),
    settleMs: timing.overrideSettleMs,
    tries: 2,
    ifNotSeen: {
      code: "secure-boot-not-set",
      message: `${description.system.path} took the setting of Secure Boot and does not show it`,
      hint: "Look for a pending BIOS job of the BMC.",
    },
  });
}

function waitForBoot({ timing }: Timed, context: StepContext, isWanted: boolean): Waiting {
  return {
    kind: "waiting",
    what: `firmware to boot with Secure Boot ${isWanted ? "on" : "off"}`,
    next: "the machine is switched off and the disc goes in",
    lookAgainMs: paceOf(timing, context.nowMs() - context.startedMs),
    onTimeout: {
      code: "secure-boot-not-set",
      message: `the firmware has booted and still not with Secure Boot ${isWanted ? "on" : "off"}`,
      hint: "Look at the machine's console: the firmware may ask for somebody's consent.",
    },
  };
}
