import { type House, openHouse } from "./house.ts";
import { type KeptProcess, keepProcess } from "./kept-process.ts";
import { findPort } from "./ports.ts";
import type { Manner } from "./server.ts";

/** A lab of machines and the one process of Trayload that works on them, with SQLite and a private Redis. */
export interface Keeper extends Omit<KeptProcess, "folder"> {
  house: House;
}

/**
 * Waits that firmware needs and model machines do not, with room for a machine that is busy with more than this: what
 * settles is given more than the slower machines' lag, and more than the counts of reads may be late (two seconds).
 */
export const QUICK: Omit<Manner, "settings"> = {
  timing: {
    lookMs: 30,
    longestLookMs: 200,
    powerSettleMs: 2_000,
    mediaSettleMs: 4_000,
    overrideSettleMs: 1_000,
    requestLimitMs: 10_000,
    insertLimitMs: 10_000,
  },
  leaseMs: 1_500,
  drainMs: 500,
};

export async function openKeeper(): Promise<Keeper> {
  await using opened = new AsyncDisposableStack();
  const port = await findPort();
  const house = await openHouse(port);
  opened.defer(() => house.stop());
  const kept = await keepProcess({ ...QUICK, settings: {} }, port, (url) => (house.api.url = url));
  opened.defer(() => kept.stop());
  await house.moveIn();
  const all = opened.move();
  return {
    house,
    get server() {
      return kept.server;
    },
    restart: () => kept.restart(),
    stopRedis: () => kept.stopRedis(),
    killRedis: () => kept.killRedis(),
    stop: () => all.disposeAsync(),
  };
}
