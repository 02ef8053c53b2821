import { FRESH_MS, type FreshBmc } from "./fresh.ts";
import type { OnExchange } from "../redfish/index.ts";
import type { Claim } from "./store.ts";

/** What the steps of one look share, and the next look at the same record when it follows soon. */
export interface Look {
  bmc: Promise<FreshBmc> | undefined;
  /** Told of what is said to the BMC. */
  hear?: OnExchange;
  /** Of the record, for what is said to the BMC. */
  traceparent?: string | undefined;
}

export interface Looks {
  of(claim: Pick<Claim, "id" | "epoch">): Look;
  forget(recordId: string): void;
}

/** A park and a claim raise the epoch by one each: whoever finds it raised by more has had a successor. */
const RAISED_BY_PARK_AND_CLAIM = 2;

/**
 * Remembers the looks of the last moments, so that a record that was parked for a moment (its image came, a wake was
 * under way) need not ask its BMC again. Older ones are let go: ten thousand records may be parked. What was seen before
 * another process had the record counts no more, since that one may have changed it.
 */
export function rememberLooks(nowMs: () => number): Looks {
  const looks = new Map<string, { look: Look; epoch: number; atMs: number }>();

  function letOldGo(): void {
    for (const [id, { atMs }] of looks) {
      if (nowMs() - atMs < FRESH_MS) return;
      looks.delete(id);
    }
  }

  return {
    of({ id, epoch }) {
      letOldGo();
      const known = looks.get(id);
      if (known?.epoch === epoch - RAISED_BY_PARK_AND_CLAIM) {
        known.epoch = epoch;
        return known.look;
      }
      const look: Look = { bmc: undefined };
      // Removed first, so that the oldest stay in front.
      looks.delete(id);
      looks.set(id, { look, epoch, atMs: nowMs() });
      return look;
    },
    forget: (recordId) => void looks.delete(recordId),
  };
}
