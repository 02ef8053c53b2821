import assert from "node:assert/strict";
import type { Database } from "../../src/database/index.ts";
import { keyOf, likenessesOf } from "../../src/deploy/index.ts";

/** What every database must do for the times of steps. `open` gives an empty one. */
export function stepTimesContract(open: () => Promise<Database>): void {
  let database: Database;
  beforeEach(async () => {
    database = await open();
  });
  afterEach(() => database.close());
  const like = { family: "HPE DL380", image: "noble" };

  it("are means of what was noted, for the machine and image, for each of them, and for all", async () => {
    const { stepTimes } = database;
    await stepTimes.note(like, [{ step: "boot", tookMs: 100 }]);
    await stepTimes.note({ ...like, family: "Dell R760" }, [{ step: "boot", tookMs: 300 }]);
    const found = await stepTimes.find(likenessesOf(like));
    const means = likenessesOf(like).map((one) =>
      found.get(keyOf(one))!.map(({ meanMs, count }) => [meanMs, count]),
    );
    assert.deepEqual(means, [[[100, 1]], [[200, 2]], [[100, 1]], [[200, 2]]]);
    assert.equal((await stepTimes.find([{ family: "x", image: "noble" }])).size, 0);
    assert.equal((await stepTimes.find([])).size, 0);
  });

  it("follow what has changed, and stay a row for each step however many come at once", async () => {
    const { stepTimes } = database;
    const many = (tookMs: number) =>
      Promise.all(Array.from({ length: 60 }, () => stepTimes.note(like, [{ step: "boot", tookMs }])));
    await many(1_000);
    await many(5_000);
    const [time] = (await stepTimes.find([like])).get(keyOf(like))!;
    assert.equal(time!.count, 120);
    assert.ok(time!.meanMs > 4_500 && time!.meanMs <= 5_000, `the latest count most: ${time!.meanMs}`);
  });
}
