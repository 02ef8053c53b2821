import { HTTP_TARGET, type BmcDescription, type BootOverride, type Slot } from "../../redfish/index.ts";
import type { Parts } from "../parts.ts";
import type { StepContext } from "../step.ts";
import { deploymentOf, known, type KnownFacts, maybe, rungOf } from "./known.ts";
import { ownerOf } from "./publish-disc.ts";

type Needed = Pick<Parts, "seals" | "store">;

/**
 * The description without UEFI HTTP boot where this deployment cannot use it, with why: its firmware would boot in another
 * mode, or whoever is not the BMC is served no disc.
 */
export async function judgeHttpBoot(
  { provision }: Pick<Parts, "provision">,
  context: StepContext,
  description: BmcDescription,
): Promise<BmcDescription> {
  if (description.httpBoot === undefined) return description;
  const mode = deploymentOf(context).bootMode ?? (await context.node()).bootMode;
  if (mode !== "bios" && !provision.isForBmcsAlone) return description;
  const why =
    mode === "bios"
      ? "UEFI HTTP boot is offered, and the boot mode is bios"
      : "UEFI HTTP boot is offered, and TRAYLOAD_DISC_SOURCES serves discs to BMCs alone";
  const { lack } = description;
  return { ...description, httpBoot: undefined, lack: lack === undefined ? undefined : `${lack}; ${why}` };
}

/** What a person has to know where the firmware itself is to fetch the disc. */
export function warnOfHttpBoot(context: StepContext): void {
  const isTls = known(context, "provisionUrl").startsWith("https:");
  const message =
    "the disc is booted by UEFI HTTP boot: the machine's own network card fetches it, and needs an address by DHCP and a " +
    `way to ${new URL(known(context, "provisionUrl")).host}` +
    (isTls ? "; over https its firmware must trust the certificate there" : "") +
    "; a system that looks for a CD with its files finds none, unless its kernel takes the firmware's RAM disk over";
  if (!context.view.warnings.includes(message)) context.warn(message);
}

/** Whether the next boot goes to our disc by an override; an address that is fetched has a target of its own. */
export function leadsToDisc(context: StepContext, { enabled, target = "" }: BootOverride): boolean {
  const isActive = enabled === "Once" || enabled === "Continuous";
  const isHttp = maybe(context, "slotPath") !== undefined && rungOf(context).media === "http-boot";
  // sushy-tools makes Cd of it. It also reads Continuous whatever it was told.
  return isActive && (/^(usb|floppy)$|cd|dvd/i.test(target) || (isHttp && target === HTTP_TARGET));
}

/**
 * The slot with what somebody else had set before us, which an eject brings back; any other slot as it is. An address may
 * hold a password, so it is kept sealed.
 */
export async function withBefore(parts: Needed, context: StepContext, slot: Slot): Promise<Slot> {
  if (slot.bootUri === undefined) return slot;
  const own = maybe(context, "uriBefore");
  const before = own === undefined ? await recallBefore(parts, context) : own;
  if (before === undefined || before === null) return slot;
  return { ...slot, bootUri: { before: parts.seals.open(before.sealed, before.by) } };
}

/** What stood there before the disc that the node still carries from an earlier deployment. */
async function recallBefore(
  { store }: Needed,
  context: StepContext,
): Promise<KnownFacts["uriBefore"] | undefined> {
  const { media } = (await context.node()).observed;
  const earlier = media === null ? undefined : await store.get(media.deploymentId);
  return earlier?.facts["uriBefore"] as KnownFacts["uriBefore"] | undefined;
}

/** Keeps what is set now, unless we have set it ourselves. */
export function keepBefore(
  { seals }: Pick<Parts, "seals">,
  context: StepContext,
  now: Slot,
  isOurs: boolean,
): Slot {
  if (now.bootUri === undefined || isOurs) return now;
  const { image } = now;
  const by = ownerOf(context);
  context.learn({ uriBefore: image === undefined ? null : { sealed: seals.seal(image, by), by } });
  return { ...now, isInserted: false, bootUri: image === undefined ? {} : { before: image } };
}
