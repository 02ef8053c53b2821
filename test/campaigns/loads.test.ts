import assert from "node:assert/strict";
import { createLoads, type Reading } from "../../src/campaigns/index.ts";
import type { Database } from "../../src/database/index.ts";
import { newRecord } from "../database/fixture.ts";
import { openTemporary } from "../database/sqlite.ts";
import { newCampaign, NO_LIMITS } from "./fixture.ts";

describe("what image servers hand out to campaigns", () => {
  let database: Database;
  beforeEach(async () => {
    database = await openTemporary();
  });
  afterEach(() => database.close());

  /** A campaign of which three nodes are deployed. @returns their deployments */
  async function run(serverBytesPerSecond: number | null): Promise<string[]> {
    await database.campaigns.insert(
      newCampaign({ r1: 3 }, { limits: { ...NO_LIMITS, serverBytesPerSecond } }),
    );
    const picks = Array.from({ length: 3 }, () => ({ campaignId: "camp_1", lane: 0 }));
    const { taken } = await database.campaigns.turn({
      claimMs: 60_000,
      decide: () => ({ changes: [], picks }),
    });
    const ids: string[] = [];
    for (const { campaignId, nodeId, claim } of taken) {
      const record = { ...newRecord({ nodeId }), campaign: { id: campaignId, claim } };
      await database.records.accept(record);
      ids.push(record.view.id);
    }
    return ids;
  }

  it("is summed up by server: who reads, how fast, and who has read something", async () => {
    const [first, second] = await run(1);
    const readings: Record<string, Reading> = {
      [first!]: { bytesPerSecond: 4_000_000, hasBegun: true },
      [second!]: { bytesPerSecond: 0, hasBegun: true },
    };
    let nowMs = 0;
    const loads = createLoads({
      store: database.campaigns,
      records: database.records,
      readingOf: async ({ id }) => readings[id] ?? { bytesPerSecond: 0, hasBegun: false },
      clock: () => nowMs,
    });
    const measured = async () => [...(await database.campaigns.standing()).loads.values()];
    await loads.measure();
    assert.deepEqual(await measured(), [{ bytesPerSecond: 4_000_000, reading: 1, begun: 2 }]);
    readings[second!] = { bytesPerSecond: 1_000_000, hasBegun: true };
    await loads.measure();
    assert.equal((await measured())[0]!.reading, 1, "not again so soon");
    nowMs += 2_000;
    await loads.measure();
    assert.deepEqual(await measured(), [{ bytesPerSecond: 5_000_000, reading: 2, begun: 2 }]);
  });

  it("is not measured where no campaign is limited by it", async () => {
    await run(null);
    const readingOf = async (): Promise<never> => Promise.reject(new Error("nobody is to be read"));
    const loads = createLoads({
      store: database.campaigns,
      records: database.records,
      readingOf,
      clock: () => 0,
    });
    await loads.measure();
    assert.equal((await database.campaigns.standing()).loads.size, 0);
  });
});
