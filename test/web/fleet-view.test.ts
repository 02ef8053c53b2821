import assert from "node:assert/strict";
import { isNarrowed, queryOf, readView, sortBy, writeView } from "../../src/web/page/fleet/view.ts";

describe("the fleet's view in the URL", () => {
  it("is written and read back the same", () => {
    const search = "?text=rack1&state=failed&power=On&health=Critical&sort=-deployed&page=3";
    assert.equal(writeView(readView(search)), `/${search}`);
    assert.equal(writeView(readView("")), "/");
  });

  it("takes nothing from a URL that somebody made up", () => {
    const view = readView("?state=tired&sort=colour&page=-7&x=1");
    assert.deepEqual([view.state, view.sort, view.page], ["", "name", 1]);
    assert.equal(isNarrowed(view), false);
  });

  it("asks the server for one page, with all that narrows it", () => {
    const query = queryOf(readView("?text=r740%20&state=deploying&page=2"));
    assert.equal(query, "/v1/nodes?text=r740&state=deploying&sort=name&limit=50&offset=50");
  });

  it("turns the order round at the second asking, and begins at the first page", () => {
    const once = sortBy(readView("?page=4"), "state");
    assert.deepEqual([once.sort, once.page], ["state", 1]);
    assert.equal(sortBy(once, "state").sort, "-state");
    assert.equal(sortBy(sortBy(once, "state"), "state").sort, "state");
  });
});
