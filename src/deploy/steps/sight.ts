import type { DiscReads } from "../../images/index.ts";

const timeOf = (time: string | null): number => (time === null ? -Infinity : Date.parse(time));

/** When anything was read last, in milliseconds since 1970. */
export function lastReadMs(reads: DiscReads | undefined): number {
  return timeOf(reads?.lastReadAt ?? null);
}

/** Whether the boot image and more than it was read since `sinceMs`. */
export function hasBootedFromDisc(reads: DiscReads | undefined, sinceMs: number): boolean {
  return (
    reads !== undefined && timeOf(reads.bootImageReadAt) >= sinceMs && timeOf(reads.beyondReadAt) >= sinceMs
  );
}

/** Whether the BMC had read the whole disc before power-on: what the machine reads then is a copy that we cannot see. */
export function isCopied(reads: DiscReads | undefined, sinceMs: number): boolean {
  return reads !== undefined && reads.blocksCovered === reads.blocks && timeOf(reads.lastReadAt) < sinceMs;
}

export function hasReadAnything(reads: DiscReads | undefined, sinceMs: number): boolean {
  return reads !== undefined && timeOf(reads.lastReadAt) >= sinceMs;
}

/** Whether a machine that has read past its boot image has been silent since: it runs from memory. */
export function isSilentAfterBoot(
  reads: DiscReads | undefined,
  sinceMs: number,
  nowMs: number,
  silenceMs: number,
): boolean {
  return hasBootedFromDisc(reads, sinceMs) && nowMs - timeOf(reads!.lastReadAt) >= silenceMs;
}

/**
 * Whether the machine boots from the disc again: boot catalogue and boot image read anew in the order of the first boot, after
 * it had left the disc. That it had left is known by an off that was seen, or by a long silence before; else a second look
 * of the firmware at the same boot would be taken for a return, and without the order a guest that mounts its disc again.
 */
export function isBackAtDisc(
  reads: DiscReads | undefined,
  sinceMs: number,
  left: { silenceMs: number; wentOffMs: number | undefined },
): boolean {
  const boots = (reads?.bootReads ?? []).filter(
    ({ catalogueAt, imageAt, order, isRepeat }) =>
      timeOf(catalogueAt) >= sinceMs && (imageAt !== null || order !== undefined || isRepeat === true),
  );
  return boots
    .slice(1)
    .some(
      ({ isRepeat, silentBeforeMs, catalogueAt }) =>
        isRepeat === true &&
        (silentBeforeMs >= left.silenceMs ||
          (left.wentOffMs !== undefined && timeOf(catalogueAt) >= left.wentOffMs)),
    );
}
