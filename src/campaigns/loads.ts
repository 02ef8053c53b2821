import type { RecordStore, RecordView } from "../deploy/index.ts";
import type { ServerLoad } from "./choose.ts";
import type { CampaignStore } from "./store.ts";

/** What image servers hand out to the deployments of campaigns. */
export interface Loads {
  /** Measures anew where a campaign is limited by it, and some seconds have passed. */
  measure(): Promise<void>;
}

/** What was read of what a deployment serves: the disc, and the disk image where there is one. */
export interface Reading {
  bytesPerSecond: number;
  hasBegun: boolean;
}

export interface LoadsParts {
  store: Pick<CampaignStore, "standing" | "running" | "noteLoads">;
  records: Pick<RecordStore, "get">;
  readingOf: (view: RecordView) => Promise<Reading>;
  clock: () => number;
  everyMs?: number;
}

export function createLoads({ store, records, readingOf, clock, everyMs = 2_000 }: LoadsParts): Loads {
  let measuredAtMs = -Infinity;
  return {
    measure: async () => {
      if (clock() - measuredAtMs < everyMs) return;
      measuredAtMs = clock();
      const { campaigns } = await store.standing();
      if (campaigns.every(({ limits }) => limits.serverBytesPerSecond === null)) return;
      const loads = new Map<string, ServerLoad>();
      for (const { deploymentId, server } of await store.running()) {
        const view = await records.get(deploymentId);
        if (view === undefined) continue;
        const { bytesPerSecond, hasBegun } = await readingOf(view);
        const load = loads.get(server) ?? { bytesPerSecond: 0, reading: 0, begun: 0 };
        loads.set(server, {
          bytesPerSecond: load.bytesPerSecond + bytesPerSecond,
          reading: load.reading + (bytesPerSecond > 0 ? 1 : 0),
          begun: load.begun + (hasBegun ? 1 : 0),
        });
      }
      await store.noteLoads(loads);
    },
  };
}
