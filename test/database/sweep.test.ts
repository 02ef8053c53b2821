import assert from "node:assert/strict";
import type { Sql } from "../../src/database/sql.ts";
import { createSweeper } from "../../src/database/sweep.ts";
import { until } from "../until.ts";
import { pass } from "./fixture.ts";
import { openTemporarySql } from "./sqlite.ts";
import { sweepContract } from "./sweep.contract.ts";

describe("sweeping on SQLite", () => {
  sweepContract(openTemporarySql);

  it("goes on by itself after one that failed, which is told", async () => {
    const warnings: string[] = [];
    let sweeps = 0;
    const failing: Pick<Sql, "write"> = {
      write: async () => {
        sweeps += 1;
        if (sweeps === 1) throw new Error("away");
        return 0 as never;
      },
    };
    const sweeper = createSweeper(failing, { warn: (_, message) => warnings.push(message) }, 5);
    await until(() => sweeps > 4);
    await sweeper.close();
    const atClose = sweeps;
    assert.deepEqual(warnings, ["what has had its time could not be removed"]);
    await pass(15);
    assert.equal(sweeps, atClose, "it swept after its close");
  });
});
