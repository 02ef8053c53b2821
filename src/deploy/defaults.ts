import { type DeploymentInput, type ImageInput, IntakeError } from "./input.ts";
import { completeWrite } from "./write.ts";
import type { BootSpec, DeploymentRequest, DiscSpec, EjectPolicy, Finish, ImageSpec } from "./request.ts";

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
  const boot = bootOf(input);
  const disc = discOf(input);
  const canCallBack = input.callbackSecret !== undefined || isComposed(boot) || isPatched(disc);
  refuseContradictions(finish, eject, canCallBack);
  return {
    nodeId,
    purpose: "deploy",
    boot,
    disc,
    ...completeWrite(input, imageOf),
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

function imageOf({ url, checksum, member, tls }: ImageInput): ImageSpec {
  return {
    url,
    checksum: checksum ?? null,
    ...(member === undefined ? {} : { member }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function bootOf({ boot }: DeploymentInput): BootSpec {
  if ("iso" in boot) return { iso: imageOf(boot.iso) };
  const { kernel, ramdisk, bootloader } = boot;
  return {
    kernel: imageOf(kernel),
    ramdisk: imageOf(ramdisk),
    bootloader: bootloader === undefined ? null : imageOf(bootloader),
  };
}

function discOf({ kernelArgs, files = [], discLabel }: DeploymentInput): DiscSpec {
  const sized = files.map(({ path, contentBase64 }) => ({
    path,
    sizeBytes: Buffer.byteLength(contentBase64, "base64"),
  }));
  return { kernelArgs: kernelArgs ?? "", files: sized, label: discLabel ?? null };
}

/** Whether the disc is made by us, so that what we make up can stand on it. */
export function isComposed(boot: BootSpec): boolean {
  return !("iso" in boot);
}

/** Whether something is asked that has a boot ISO patched. */
export function isPatched({ kernelArgs, files, label }: DiscSpec): boolean {
  const words = typeof kernelArgs === "string" ? [kernelArgs] : Object.values(kernelArgs);
  return words.some((text) => text?.trim()) || files.length > 0 || label !== null;
}

function refuseContradictions(finish: Finish, eject: EjectPolicy, canCallBack: boolean): void {
  if (eject === "at-end" && (finish === "powered-on" || finish === "disc-read"))
    throw new IntakeError(
      `eject at-end with finish ${finish} would take the disc from a machine that boots`,
      {
        code: "eject-too-early",
        hint: "Choose when-booted, on-reboot or never, or a later finish.",
        fields: [{ path: "eject", message: `at-end is too early with finish ${finish}` }],
      },
    );
  if (finish === "callback" && !canCallBack)
    throw new IntakeError("nothing on an unchanged boot ISO can know a call-back path that was made for it", {
      code: "callback-unreachable",
      hint: "Give the callbackSecret that the ISO posts to, have the ISO customised (kernelArgs, files), or choose another finish.",
      fields: [{ path: "callbackSecret", message: "is needed with finish callback" }],
    });
  if (eject === "on-callback" && !canCallBack)
    throw new IntakeError("the disc would wait for a call-back that nobody can make", {
      code: "callback-unreachable",
      hint: "Give a callbackSecret, or choose another eject policy.",
      fields: [{ path: "eject", message: "on-callback needs a callbackSecret" }],
    });
  if (finish === "agent")
    throw new IntakeError("finish agent needs something for the agent to do", {
      code: "finish-unsupported",
      fields: [{ path: "finish", message: "agent does not fit this boot" }],
    });
}
