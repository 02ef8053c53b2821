import type { Bmc } from "../redfish/index.ts";
import { FRESH_MS } from "./fresh.ts";

/** What the steps of one look share, and the next look at the same record when it follows soon. */
export interface Look {
  bmc: Promise<Bmc> | undefined;
  /** The step that has asked the BMC last. */
  askedBy?: string;
}

export interface Looks {
  of(recordId: string): Look;
  forget(recordId: string): void;
}

/**
 * Remembers the looks of the last moments, so that a record that was parked for a moment (its image came, a wake was
 * under way) need not ask its BMC again. Older ones are let go: ten thousand records may be parked.
 */
export function rememberLooks(nowMs: () => number): Looks {
  const looks = new Map<string, { look: Look; atMs: number }>();

  function letOldGo(): void {
    for (const [id, { atMs }] of looks) {
      if (nowMs() - atMs < FRESH_MS) return;
      looks.delete(id);
    }
  }

  return {
    of(recordId) {
      letOldGo();
      const known = looks.get(recordId)?.look;
      if (known !== undefined) return known;
      const look: Look = { bmc: undefined };
      looks.set(recordId, { look, atMs: nowMs() });
      return look;
    },
    forget: (recordId) => void looks.delete(recordId),
  };
}
