import type { CommandMark } from "../../agent/index.ts";
import type { AdmittedDiskImage } from "../../images/index.ts";
import {
  type BmcDescription,
  bootWaysOf,
  httpSlotOf,
  MEDIA_WAYS,
  type Rung,
  type Slot,
  waysInto,
} from "../../redfish/index.ts";
import type { NodeMedia } from "../../nodes/index.ts";
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
  /** When the BMC says that it was restarted last, as it was before we asked; null where it does not say. */
  bmcResetBefore: string | null;
  /** When the BMC was seen not to answer, after its restart was asked for; the last time. */
  bmcAwayAt: string;
  /** By which slot and in which way it is tried now; the first rung while it is not said. */
  rung: Rung;
  /** Raised with each disc that was published, since its path is never used twice. */
  attempt: number;
  /** By publish-disc. */
  disc: { id: string; sizeBytes: number };
  /** By publish-disc: the disc beside it, and the slot that it is for; null where there is none. */
  secondDisc: { id: string; path: string; format: "iso" | "fat" } | null;
  /** By insert-second-disc: the slot that holds it. */
  secondSlotPath: string;
  /** The subscription to the BMC's events: its path, null while it is not known; or why there is none. */
  bmcEvents: { path: string | null } | { none: string } | { ended: true };
  /** What stood in HttpBootUri before us, sealed for the record `by`; null for nothing. */
  uriBefore: { sealed: string; by: string } | null;
  /** When it was seen to be out of its slot. */
  secondEjectedAt: string;
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
  /** When an override that would have led every boot to the disc was ended, or its end was given up. */
  overrideEndedAt: string;
  /** Rungs that were left behind. */
  tried: Rung[];
  /** Set once the last rung was tried a second time, since nothing had proven its insert. */
  mountedAgain: boolean;
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
  /** What became of a preflight's canary. */
  canary: "read" | "unread";
  /** What an operation found. */
  result: unknown;
  /** Why a call of the agent was refused, in this boot; null when none was. */
  agentRefused: { why: string; detail: string } | null;
  /** By get-steps: versions of the agent's hardware managers, which steps are sent with. */
  agentVersions: Record<string, unknown>;
  /** Commands of the agent, by what they are for: what stood before each, and its id once it is known. */
  commands: Record<string, { mark: CommandMark; id: string | null }>;
  /** The agent's log, once it is kept, or that it could not be had. */
  agentLog: { blob: string; sizeBytes: number } | { missing: string };
  /** Set when the disks of a deployment that came to no good end are wiped, or could not be. */
  isWiped: boolean;
  /** Set when what the agent had in memory is on its disks, or it could not be asked. */
  isSynced: boolean;
  /** When the agent was taken down. */
  tornDownAt: string;
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

/** A description as it may be kept: the URL of a disc that lies in a slot is as good as the disc. */
export function withoutUrls(description: BmcDescription): BmcDescription {
  return { ...description, slots: description.slots.map((slot) => ({ ...slot, image: undefined })) };
}

/** Slots that held something when the BMC was described, and that of a second disc which a deployment has left. */
export function slotsToEmpty(description: BmcDescription, media: NodeMedia | null): Slot[] {
  const full = description.slots.filter(
    ({ takesDisc, isInserted, path }) => (takesDisc && isInserted) || path === media?.secondSlot,
  );
  // What somebody else has set there is left as it is.
  const http = httpSlotOf(description);
  return http !== undefined && http.path === media?.slot ? [...full, http] : full;
}

/** Slots to try, best first: the system's own come first as the BMC lists them. */
export function discSlots(description: BmcDescription): Slot[] {
  return description.slots.filter((slot) => slot.takesDisc);
}

/** All through which a disc can come, best first: the slots, and at last what the firmware fetches itself. */
export function placesFor(description: BmcDescription): Slot[] {
  const http = httpSlotOf(description);
  return http === undefined ? discSlots(description) : [...discSlots(description), http];
}

/**
 * Ways of getting the disc in and booted, best first: the standard's action over all slots, then PATCH, then what makers
 * have of their own; for each its boot by the standard's override and then by a maker's switch; and UEFI HTTP boot where no
 * slot works. What worked at the last deployment goes before all.
 */
export function rungsOf(context: StepContext): Rung[] {
  const description = known(context, "bmc");
  const slots = placesFor(description);
  const isOnce = deploymentOf(context).bootPolicy === "once";
  const rungs = MEDIA_WAYS.flatMap((media) =>
    slots
      .filter((slot) => waysInto(slot).includes(media))
      .flatMap((slot) =>
        bootWaysOf(description, slot)
          .filter((boot) => isOnce || boot === "override")
          .map((boot) => ({ path: slot.path, media, boot })),
      ),
  );
  const { preferred } = description;
  return rungs.toSorted(
    (one, other) => Number(isSameRung(other, preferred)) - Number(isSameRung(one, preferred)),
  );
}

export function isSameRung(one: Rung, other: Rung | undefined): boolean {
  return one.path === other?.path && one.media === other.media && one.boot === other.boot;
}

/** The rung that is tried now. */
export function rungOf(context: StepContext): Rung {
  return maybe(context, "rung") ?? rungsOf(context)[0]!;
}

/** The slot with that path, to be used in the way in which the disc went in. */
export function slotInUse(context: StepContext, path: string): Slot {
  const slot = slotAt(known(context, "bmc"), path);
  const rung = maybe(context, "rung");
  return rung?.path === path ? { ...slot, way: rung.media } : slot;
}

export function slotAt(description: BmcDescription, path: string): Slot {
  const slot = [...description.slots, ...placesFor(description)].find((one) => one.path === path);
  if (slot !== undefined) return slot;
  throw new StepError(`the BMC no longer lists slot ${path}`, { code: "slot-not-found" });
}

/** The request of a deployment's record; operations have steps of their own. */
export function deploymentOf(context: StepContext): DeploymentRequest {
  return context.view.request as DeploymentRequest;
}
