import assert from "node:assert/strict";
import { isNarrowed, queryOf, readView, sortBy, writeView } from "../../src/web/page/fleet/view.ts";
import { ROW_PX, rowsInSight, WINDOW, windowFrom } from "../../src/web/page/fleet/window.ts";

describe("the fleet's view in the URL", () => {
  it("is written and read back the same", () => {
    const search =
      "?text=rack1&state=failed&power=on&health=Critical&labels=role%3Dworker&sort=-deployed&at=120";
    assert.equal(writeView(readView(search)), `/${search}`);
    assert.equal(writeView(readView("")), "/");
  });

  it("takes nothing from a URL that somebody made up", () => {
    const view = readView("?state=tired&sort=colour&at=-7&x=1");
    assert.deepEqual([view.state, view.sort, view.at], ["", "name", 0]);
    assert.equal(isNarrowed(view), false);
  });

  it("asks the server for some rows, with all that narrows them", () => {
    const query = queryOf(readView("?text=r740%20&state=deploying&labels=role=worker,row=1"), 50, 100);
    const labels = "label=role%3Aworker&label=row%3A1";
    assert.equal(query, `/v1/nodes?text=r740&state=deploying&${labels}&sort=name&limit=100&offset=50`);
  });

  it("turns the order round at the second asking, and begins at the top", () => {
    const once = sortBy(readView("?at=400"), "state");
    assert.deepEqual([once.sort, once.at], ["state", 0]);
    assert.equal(sortBy(once, "state").sort, "-state");
    assert.equal(sortBy(sortBy(once, "state"), "state").sort, "state");
  });
});

describe("the rows that are made of a long table", () => {
  it("are those in sight with some beyond, and no more", () => {
    assert.deepEqual(rowsInSight(0, 10 * ROW_PX, 5000), { first: 0, end: 18 });
    assert.deepEqual(rowsInSight(1000 * ROW_PX, 10 * ROW_PX, 5000), { first: 992, end: 1018 });
    assert.deepEqual(rowsInSight(4990 * ROW_PX, 10 * ROW_PX, 5000), { first: 4982, end: 5000 });
    assert.deepEqual(rowsInSight(0, 10 * ROW_PX, 3), { first: 0, end: 3 });
    // It was scrolled far down when most rows went away.
    assert.deepEqual(rowsInSight(4990 * ROW_PX, 10 * ROW_PX, 3), { first: 2, end: 3 });
  });

  it("lie within those that are asked for, wherever one is", () => {
    for (let at = 0; at < 5000; at += 7) {
      const span = rowsInSight(at * ROW_PX, 20 * ROW_PX, 5000);
      const from = windowFrom(span);
      assert.ok(
        from <= span.first && span.end <= from + WINDOW,
        `${at}: ${from} for ${JSON.stringify(span)}`,
      );
    }
  });
});
