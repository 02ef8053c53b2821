import { needsAgent } from "./agent/job.ts";
import { type DeploymentInput, IntakeError } from "./input.ts";
import { DATA_NAMES, type FileSpec, specOf } from "./request-parts.ts";
import type { DeploymentRequest, DiscSpec } from "./request.ts";

/** What of a request is for this node's disc alone. */
export function discOf({ kernelArgs, files = [], discLabel, ownVia = "auto" }: DeploymentInput): DiscSpec {
  const specs = files.map(
    ({ path, inRamdisk, ...part }): FileSpec => ({
      path,
      ...(inRamdisk === true ? { inRamdisk } : {}),
      ...specOf(part),
    }),
  );
  return { kernelArgs: kernelArgs ?? "", files: specs, via: ownVia, label: discLabel ?? null };
}

/** Its documents; null alone keeps even the node's network data away. */
export function dataOf(input: DeploymentInput): NonNullable<DeploymentRequest["data"]> {
  const given = DATA_NAMES.flatMap((name) => {
    const part = input[name];
    if (part === undefined || (part === null && name !== "networkData")) return [];
    return [[name, part === null ? null : specOf(part)] as const];
  });
  return Object.fromEntries(given);
}

/** Whether something is asked that has a boot ISO patched. */
export function isPatched({ kernelArgs, files, label }: DiscSpec, data: object): boolean {
  const hasData = Object.values(data).some((part) => part !== null);
  const hasOwn = files.length > 0 || label !== null || hasData;
  return hasOwn || asksForArgs(kernelArgs);
}

/** Arguments and a call-back path of ours need menus of the ISO, which is to stay as it is. */
export function refuseOnSecondDisc(
  input: DeploymentInput,
  { via, kernelArgs }: DiscSpec,
  isOurs: boolean,
): void {
  if (via !== "second-disc") return;
  const { finish, eject, callbackSecret } = input;
  const refuse = (path: string, message: string): never => {
    throw new IntakeError(`with ownVia second-disc, ${path} ${message}`, {
      code: "second-disc-unfit",
      hint: 'Leave it out, or have the ISO patched: ownVia "patch".',
      fields: [{ path, message }],
    });
  };
  if (needsAgent(input)) refuse("ownVia", "does not fit a deployment by the agent, which needs arguments");
  if (isOurs) refuse("ownVia", "is for boot.iso; a disc of a kernel and a ramdisk is the node's own");
  if (asksForArgs(kernelArgs)) refuse("kernelArgs", "cannot be given, since the ISO stays as it is");
  if (callbackSecret === undefined && (finish === "callback" || eject === "on-callback"))
    refuse("callbackSecret", "is needed to call back, since the ISO stays as it is");
}

const asksForArgs = (args: DiscSpec["kernelArgs"]): boolean =>
  (typeof args === "string" ? [args] : Object.values(args)).some((text) => Boolean(text?.trim()));
