import type { Copies } from "./copies.ts";
import { DiscError, openDisc } from "./disc-reader.ts";
import type { MediaProfile, SlotProfile } from "./profile.ts";

/** One slot as it is now. */
export interface Drive {
  readonly slot: SlotProfile;
  /** As the client gave it; null when empty. */
  image: string | null;
  inserted: boolean;
  writeProtected: boolean;
  userName: string | null;
  /** What the machine reads: the image itself, or the BMC's copy of it. */
  disc: string | null;
  /** What was in before, as long as the slot reads as if it still were. */
  stale: { image: string; until: number } | null;
  /** What was in last, for BMCs that never clear it. */
  last: string | null;
}

export interface Insert {
  url: string;
  inserted: boolean;
  writeProtected: boolean;
  userName: string | null;
}

export interface Drives {
  readonly all: readonly Drive[];
  /** Whether the slots are listed. */
  readonly areListed: boolean;
  /** Lists them after the profile's time. */
  list(): void;
  /** Reads what the profile reads at insert, then shows the image. Media that were there stay when it fails. @throws DiscError */
  insert(drive: Drive, what: Insert): Promise<void>;
  eject(drive: Drive): Promise<void>;
  /** When a slot was emptied last, in epoch milliseconds. */
  readonly ejectedAt: number;
  /** What firmware finds: the disc of the first bootable slot that holds one. */
  bootableDisc(): string | null;
  /** The URL that a client inserted, for a disc that the machine says it read. */
  imageOf(disc: string | null): string | null;
  close(): void;
}

/** What an eager BMC reads: enough to see whether there is an ISO 9660. */
const FIRST_BLOCKS = 65_536;

/** @param onChange called when the bootable disc may be another */
export function createDrives(media: MediaProfile, copies: Copies, onChange: () => void): Drives {
  const all = media.slots.map((slot) => empty(slot));
  let ejectedAt = 0;
  let listedAt = media.listedAfterMs === null ? 0 : Number.POSITIVE_INFINITY;
  const images = new Map<string, string>();
  const closing = new AbortController();

  async function readAtInsert(url: string, { isDead }: SlotProfile): Promise<string> {
    if (media.reads === "nothing" || isDead === true) return url;
    if (media.reads === "whole") return copies.take(url, closing.signal, media.copyBytesPerSecond);
    const reader = openDisc(url, closing.signal);
    try {
      const first = await reader.read(0, FIRST_BLOCKS);
      if (first.length < 17 * 2048) throw new DiscError("the image is too short to be a disc");
      return url;
    } finally {
      reader.close();
    }
  }

  async function forget(disc: string | null): Promise<void> {
    // A machine that has not been switched off since may still be reading the copy (media.reach).
    if (disc === null || media.reads !== "whole" || media.reach === "at-power-cycle") return;
    await copies.drop(disc);
  }

  return {
    all,
    get areListed() {
      return Date.now() >= listedAt;
    },
    list() {
      listedAt = Math.min(listedAt, Date.now() + (media.listedAfterMs ?? 0));
    },
    get ejectedAt() {
      return ejectedAt;
    },
    async insert(drive, { url, ...rest }) {
      const disc = await readAtInsert(url, drive.slot);
      const before = drive.disc;
      Object.assign(drive, rest, { image: url, disc, stale: null });
      images.set(disc, url);
      onChange();
      await forget(before);
    },
    async eject(drive) {
      const { image, disc: before } = drive;
      ejectedAt = Date.now();
      const stale = image === null ? null : { image, until: ejectedAt + media.staleMs };
      Object.assign(drive, empty(drive.slot), { stale, last: image ?? drive.last });
      onChange();
      await forget(before);
    },
    bootableDisc: () => all.find((drive) => drive.slot.isBootable && drive.disc !== null)?.disc ?? null,
    imageOf: (disc) => (disc === null ? null : (images.get(disc) ?? disc)),
    close: () => closing.abort(),
  };
}

function empty(slot: SlotProfile): Drive {
  const none = { image: null, disc: null, userName: null, stale: null, last: null };
  return { slot, inserted: false, writeProtected: true, ...none };
}
