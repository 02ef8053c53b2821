import type { AdmittedDiskImage } from "../../images/index.ts";
import type { BmcDescription, Slot } from "../../redfish/index.ts";
import { StepError } from "../errors.ts";
import type { DeploymentRequest, ImageRole } from "../request.ts";
import type { StepContext } from "../step.ts";

/** Facts by name, as the steps of a deployment leave them for each other. All are plain data without secrets. */
export interface KnownFacts {
  /** By open-bmc. */
  bmc: BmcDescription;
  /** Set once the BMC was asked for slots. */
  mediaSwitchedOn: boolean;
  /** Base URL that the BMC is given. */
  provisionUrl: string;
  /** Whether the slots of the managers were looked for too, where the system has some of its own. */
  seesEverySlot: boolean;
  /** Which of the slots that take a disc is tried, from 0. */
  rung: number;
  /** Raised with each disc that was published, since its path is never used twice. */
  attempt: number;
  /** By publish-disc. */
  disc: { id: string; sizeBytes: number };
  /** Digests of the images that the disc is made of. */
  images: Partial<Record<ImageRole, string>>;
  /** By publish-image: what the agent is served. */
  diskImage: { id: string; digest: string; sizeBytes: number; format: AdmittedDiskImage["format"] };
  /** Set where the config drive is too large for a command. */
  isConfigDriveServed: boolean;
  /** By insert-media: the slot that holds our disc. */
  slotPath: string;
  /** When power-on was announced: reads since then are the machine's. */
  poweredOnAt: string;
  /** Whether the override read back as one for a single boot, which power-on has consumed. */
  isOneShot: boolean;
  /** Slots that earlier rungs were tried on. */
  tried: string[];
  /** How often the machine was found switched on by somebody else. */
  foreignPowerOns: number;
  /** Whose disc it is; only a record that looks after another's disc has this. */
  discOwner: string;
  /** When the machine was seen switched off after it had read the disc. */
  wentOffAt: string;
  /** Set when the finish that was asked for has been seen. */
  finished: boolean;
  /** False when the clean-up left something undone. */
  clean: boolean;
  /** What an operation found. */
  result: unknown;
  /** When our disc was seen to be out of its slot. */
  ejectedAt: string;
}

/** A fact that an earlier step of every plan has left. */
export function known<Name extends keyof KnownFacts>(context: StepContext, name: Name): KnownFacts[Name] {
  const value = context.facts[name];
  if (value !== undefined) return value as KnownFacts[Name];
  throw new StepError(`no earlier step has left the fact ${name}`, { code: "internal-error" });
}

/** The same, where the step that leaves it may not have run. */
export function maybe<Name extends keyof KnownFacts>(
  context: StepContext,
  name: Name,
): KnownFacts[Name] | undefined {
  return context.facts[name] as KnownFacts[Name] | undefined;
}

/** Slots to try, best first: the system's own come first as the BMC lists them. */
export function discSlots(description: BmcDescription): Slot[] {
  return description.slots.filter((slot) => slot.takesDisc);
}

export function slotAt(description: BmcDescription, path: string): Slot {
  const slot = description.slots.find((one) => one.path === path);
  if (slot !== undefined) return slot;
  throw new StepError(`the BMC no longer lists slot ${path}`, { code: "slot-not-found" });
}

/** The request of a deployment's record; operations have steps of their own. */
export function deploymentOf(context: StepContext): DeploymentRequest {
  return context.view.request as DeploymentRequest;
}
