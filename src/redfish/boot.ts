import type { BmcDescription } from "./bmc.ts";
import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { HTTP_TARGET } from "./http-boot.ts";
import { allows } from "./json.ts";
import { patchResource, readTag } from "./patch.ts";
import type { Slot } from "./slots.ts";
import { followTask, type TaskTiming } from "./task.ts";

/** How to boot from the disc. */
export interface DiscBoot {
  /** The firmware's mode to boot in; null to leave it as it is. */
  mode: "uefi" | "bios" | null;
  /** For every boot instead of for one. */
  persistent: boolean;
  /** The address that goes with `UefiHttp`, which sushy-tools takes for `Pxe` without one. */
  httpUri?: string;
  /** ETag of the override that was read last; it is read where it is wanted and not given, or has changed. */
  etag?: string;
}

/** What a PATCH of `Boot` needs to know of a BMC. */
export type Bootable = Pick<BmcDescription, "system" | "state" | "boot" | "ways">;

type Payload = Record<string, string>;

/**
 * Asks for the next boot, or every boot, to be from the slot's disc. The state reads back whether it was taken.
 *
 * The mode is sent when it is asked for and another, and where the BMC is known to want the whole object; a BMC that
 * shows no mode has none to set. Target `None` is never sent (sushy-tools answers 500). A BMC that takes no override for one
 * boot is asked for one that lasts: what reads back tells, and it has to be ended.
 *
 * @throws RedfishError `bmc-unsupported` when no target for this slot is allowed; nothing was sent then
 */
export async function bootFromDisc(
  sender: Sender,
  bmc: Bootable,
  slot: Slot,
  options: DiscBoot,
  timing: TaskTiming,
): Promise<void> {
  const { mode: shown } = bmc.state.override;
  const wanted = options.mode === null ? undefined : { uefi: "UEFI", bios: "Legacy" }[options.mode];
  const target = overrideTargetFor(slot, bmc);
  const mode = { BootSourceOverrideMode: wanted ?? shown ?? "" };
  const isChanged = wanted !== undefined && shown !== undefined && wanted !== shown;
  const attempts = lastingsOf(bmc, options).flatMap((enabled): Payload[][] => {
    const override = {
      BootSourceOverrideEnabled: enabled,
      BootSourceOverrideTarget: target,
      ...(options.httpUri === undefined ? {} : { HttpBootUri: options.httpUri }),
    };
    const whole = { ...override, ...mode };
    if (shown === undefined) return [[override]];
    if (isChanged) return [[whole], [mode, override]];
    return bmc.ways.wantsWholeBoot ? [[whole], [override]] : [[override], [whole]];
  });
  await patchFirstTaken(sender, bmc, attempts, timing, [400], options.etag);
}

/** How long the override is to last, best first: some BMCs take none for one boot alone. */
function lastingsOf({ boot }: Bootable, { persistent }: DiscBoot): string[] {
  if (persistent) return ["Continuous"];
  const taken = ["Once", "Continuous"].filter((one) => allows(boot.enabled ?? [one], one));
  return taken.length > 0 ? taken : ["Once"];
}

/** Ends an override: the next boot is the firmware's own choice, or the disk where nothing else is taken. */
export async function bootFromDisk(sender: Sender, bmc: Bootable, timing: TaskTiming): Promise<void> {
  const hdd = (enabled: string) => ({
    BootSourceOverrideEnabled: enabled,
    BootSourceOverrideTarget: "Hdd",
  });
  const { mode } = bmc.state.override;
  const whole = mode === undefined ? [] : [[{ ...hdd("Disabled"), BootSourceOverrideMode: mode }]];
  const attempts = [
    [{ BootSourceOverrideEnabled: "Disabled" }],
    [hdd("Once")],
    [hdd("Continuous")],
    ...whole,
  ];
  // sushy-tools refuses Disabled with 400, its other drivers with 500.
  await patchFirstTaken(sender, bmc, attempts, timing, [400, 405, 500, 501]);
}

/** The override target that stands for this slot. */
export function overrideTargetFor(slot: Slot, { boot, system, ways }: Bootable): string {
  if (slot.bootUri !== undefined) return HTTP_TARGET;
  const allowed = boot.targets;
  const wanted = slot.takesDisc ? [...(ways.discTargets ?? []), "Cd", "UsbCd", "Usb"] : ["Usb", "Floppy"];
  if (allowed === undefined) return slot.takesDisc ? "Cd" : "Usb";
  const target = wanted.find((one) => allows(allowed, one));
  if (target !== undefined) return target;
  const alike = slot.takesDisc ? allowed.find((one) => /cd|dvd/i.test(one)) : undefined;
  if (alike !== undefined) return alike;
  throw new RedfishError(
    `${system.path} allows no boot from slot ${slot.id}; it lists the targets ${allowed.join(", ")}`,
    {
      code: "bmc-unsupported",
      retryable: false,
      hint: "Another firmware or licence of the BMC may allow it.",
    },
  );
}

/**
 * Sends attempts, each of one PATCH or several, until one is taken. Setting an override twice does no harm.
 *
 * @param refusals statuses after which the next attempt is made
 * @throws RedfishError of the first attempt, whose payload is the one that the standard describes
 */
async function patchFirstTaken(
  sender: Sender,
  { system, boot, ways }: Bootable,
  attempts: Payload[][],
  timing: TaskTiming,
  refusals: number[],
  knownTag?: string,
): Promise<void> {
  const path = boot.settingsPath ?? system.path;
  const tag = ways.wantsTaggedBoot ? (knownTag ?? (await readTag(sender, path))) : undefined;
  let first: unknown;
  for (const attempt of attempts) {
    try {
      for (const payload of attempt)
        await followTask(sender, await patchResource(sender, path, { Boot: payload }, tag), timing);
      return;
    } catch (error) {
      const isRefusal = error instanceof RedfishError && refusals.includes(error.status ?? 0);
      if (!isRefusal || error.code === "bmc-busy") throw error;
      first ??= error;
    }
  }
  throw first;
}
