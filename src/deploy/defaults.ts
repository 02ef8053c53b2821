import type { Node } from "../nodes/index.ts";
import { type AgentJob, completeJob, needsAgent } from "./agent/job.ts";
import { type DeploymentInput, type ImageInput, IntakeError } from "./input.ts";
import { dataOf, discOf, isPatched, refuseOnSecondDisc } from "./own-on-disc.ts";
import { completeWrite } from "./write.ts";
import type { BootSpec, DeploymentRequest, EjectPolicy, Finish, ImageSpec } from "./request.ts";

const HOUR_MS = 3_600_000;
/** The longest that a deployment may be given. */
export const LONGEST_TIMEOUT_MS = 7 * 24 * HOUR_MS;

/** The first row of the contract's table that fits. An agent's disc leaves between its power-off and the disk's boot. */
function defaultEnding(input: DeploymentInput): { finish: Finish; eject: EjectPolicy } {
  if (needsAgent(input)) return { finish: "agent", eject: "at-end" };
  if (input.callbackSecret !== undefined) return { finish: "callback", eject: "on-callback" };
  if (input.bootPolicy === "persistent") return { finish: "disc-read", eject: "never" };
  return { finish: "disc-read", eject: "on-reboot" };
}

/** An eject policy that fits a finish which was named while the policy was not. */
function ejectFor(finish: Finish, fallback: EjectPolicy): EjectPolicy {
  if (finish === "callback") return "on-callback";
  return finish === "powered-off" ? "at-end" : fallback;
}

/** A request of which it is settled what is booted. */
export type BootingInput = DeploymentInput & { boot: NonNullable<DeploymentInput["boot"]> };

/** How long a deployment is given, where nobody said. */
function usualTimeMs({ purpose = "deploy" }: DeploymentInput, job: AgentJob | undefined): number {
  if (job === undefined || purpose === "inspect") return HOUR_MS;
  // Two boots of firmware, beside what the steps may take.
  return Math.min(HOUR_MS + job.steps.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0), LONGEST_TIMEOUT_MS);
}

/**
 * Fills in what was not said, and refuses what contradicts itself.
 *
 * @throws IntakeError that names the fields
 */
export function completeRequest(
  nodeId: string,
  input: BootingInput,
  cleaning: Node["cleaning"] = { before: false, after: false },
): DeploymentRequest {
  const byDefault = defaultEnding(input);
  const finish = input.finish ?? byDefault.finish;
  const fallback = byDefault.finish === "callback" && finish !== "callback" ? "on-reboot" : byDefault.eject;
  const eject = input.eject ?? (needsAgent(input) ? byDefault.eject : ejectFor(finish, fallback));
  const boot = bootOf(input);
  const disc = discOf(input);
  const data = dataOf(input);
  const agent = completeJob(input, cleaning);
  refuseOnSecondDisc(input, disc, isComposed(boot));
  const canCallBack = input.callbackSecret !== undefined || isComposed(boot) || isPatched(disc, data);
  if (agent === undefined) refuseContradictions(finish, eject, canCallBack);
  else refuseUnfitForAgent(input, finish);
  return {
    nodeId,
    purpose: input.purpose ?? "deploy",
    boot,
    disc,
    data,
    ...completeWrite(input, imageOf),
    ...(agent === undefined ? {} : { agent }),
    finish,
    eject,
    bootPolicy: input.bootPolicy ?? "once",
    bootMode: input.bootMode ?? null,
    secureBoot: input.secureBoot ?? "unchanged",
    power: input.power ?? "on",
    whenBusy: input.whenBusy ?? "reject",
    timeoutMs: input.timeoutMs ?? usualTimeMs(input, agent),
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

function bootOf({ boot }: BootingInput): BootSpec {
  if ("iso" in boot) return { iso: imageOf(boot.iso) };
  const { kernel, ramdisk, bootloader, rootfs } = boot;
  return {
    kernel: imageOf(kernel),
    ramdisk: imageOf(ramdisk),
    bootloader: bootloader === undefined ? null : imageOf(bootloader),
    ...(rootfs === undefined ? {} : { rootfs: imageOf(rootfs) }),
  };
}

/** Whether the disc is made by us, so that what we make up can stand on it. */
export function isComposed(boot: BootSpec): boolean {
  return !("iso" in boot);
}

/** What an agent's deployment may end with: its disc is out before the disk is booted. */
const AGENT_FINISHES: readonly Finish[] = ["agent", "powered-on", "os-running", "callback"];

function refuseUnfitForAgent(input: BootingInput, finish: Finish): void {
  const refuse = (path: string, message: string): never => {
    throw new IntakeError(`${path} does not fit a deployment by the agent`, {
      code: "finish-unsupported",
      fields: [{ path, message }],
    });
  };
  if (!AGENT_FINISHES.includes(finish)) refuse("finish", `must be one of ${AGENT_FINISHES.join(", ")}`);
  if (input.eject !== undefined && input.eject !== "at-end")
    refuse("eject", "must be at-end: the disc leaves before the disk is booted");
  if (input.bootPolicy === "persistent") refuse("bootPolicy", "must be once");
  if (finish === "callback" && input.callbackSecret === undefined)
    refuse("callbackSecret", "is needed: what is written to the disk cannot know one of ours");
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
      hint: "Give the callbackSecret that the ISO posts to, have the ISO customised (kernelArgs, files, userData), or choose another finish.",
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
