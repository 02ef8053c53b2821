import { type DeploymentInput, IntakeError } from "./input.ts";
import type { DeploymentRequest, EjectPolicy, Finish } from "./request.ts";

const HOUR_MS = 3_600_000;
/** The longest that a deployment may be given. */
export const LONGEST_TIMEOUT_MS = 7 * 24 * HOUR_MS;

/** The first row of the contract's table that fits. */
function defaultEnding(input: DeploymentInput): { finish: Finish; eject: EjectPolicy } {
  if (input.callbackSecret !== undefined) return { finish: "callback", eject: "on-callback" };
  if (input.bootPolicy === "persistent") return { finish: "disc-read", eject: "never" };
  return { finish: "disc-read", eject: "on-reboot" };
}

/** An eject policy that fits a finish which was named while the policy was not. */
function ejectFor(finish: Finish, fallback: EjectPolicy): EjectPolicy {
  if (finish === "callback") return "on-callback";
  return finish === "powered-off" ? "at-end" : fallback;
}

/**
 * Fills in what was not said, and refuses what contradicts itself.
 *
 * @throws IntakeError that names the fields
 */
export function completeRequest(nodeId: string, input: DeploymentInput): DeploymentRequest {
  const byDefault = defaultEnding(input);
  const finish = input.finish ?? byDefault.finish;
  const fallback = byDefault.finish === "callback" && finish !== "callback" ? "on-reboot" : byDefault.eject;
  const eject = input.eject ?? ejectFor(finish, fallback);
  refuseContradictions(input, finish, eject);
  const { url, checksum } = input.boot.iso;
  return {
    nodeId,
    purpose: "deploy",
    boot: { iso: { url, checksum: checksum ?? null } },
    finish,
    eject,
    bootPolicy: input.bootPolicy ?? "once",
    bootMode: input.bootMode ?? null,
    power: input.power ?? "on",
    whenBusy: input.whenBusy ?? "reject",
    timeoutMs: input.timeoutMs ?? HOUR_MS,
    discTtlMs: input.discTtlMs ?? 24 * HOUR_MS,
    labels: input.labels ?? {},
  };
}

function refuseContradictions(input: DeploymentInput, finish: Finish, eject: EjectPolicy): void {
  if (eject === "at-end" && (finish === "powered-on" || finish === "disc-read"))
    throw new IntakeError(
      `eject at-end with finish ${finish} would take the disc from a machine that boots`,
      {
        code: "eject-too-early",
        hint: "Choose when-booted, on-reboot or never, or a later finish.",
        fields: [{ path: "eject", message: `at-end is too early with finish ${finish}` }],
      },
    );
  if (finish === "callback" && input.callbackSecret === undefined)
    throw new IntakeError("nothing on an unchanged boot ISO can know a call-back path that was made for it", {
      code: "callback-unreachable",
      hint: "Give the callbackSecret that the ISO posts to, or choose another finish.",
      fields: [{ path: "callbackSecret", message: "is needed with finish callback" }],
    });
  if (eject === "on-callback" && input.callbackSecret === undefined)
    throw new IntakeError("the disc would wait for a call-back that nobody can make", {
      code: "callback-unreachable",
      hint: "Give a callbackSecret, or choose another eject policy.",
      fields: [{ path: "eject", message: "on-callback needs a callbackSecret" }],
    });
  if (finish === "agent")
    throw new IntakeError("finish agent needs an agent's kernel and ramdisk, not a boot ISO", {
      code: "finish-unsupported",
      fields: [{ path: "finish", message: "agent does not fit boot.iso" }],
    });
}
