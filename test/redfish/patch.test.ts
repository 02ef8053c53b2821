import assert from "node:assert/strict";
import { patchResource, tagOf } from "../../src/redfish/patch.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Peer, Reply } from "./https-peer.ts";

const STALE: Reply = { status: 412 };
const read = (etag: string): Reply => ({ headers: { etag }, body: "{}" });
const tagsSent = (peer: Peer) =>
  peer.requests.filter((request) => request.method === "PATCH").map((request) => request.headers["if-match"]);

describe("patch", () => {
  afterEach(endAll);

  it("sends the tag of the last read", async () => {
    const { peer, client } = await begin([{ status: 204 }]);
    await patchResource(client, "/s", {}, '"1"');
    assert.deepEqual(tagsSent(peer), ['"1"']);
  });

  it("reads again on 412 and sends the fresh tag", async () => {
    const { peer, client } = await begin([STALE, read('"2"'), { status: 204 }]);
    await patchResource(client, "/s", {}, '"1"');
    assert.deepEqual(tagsSent(peer), ['"1"', '"2"']);
    assert.deepEqual(asked(peer), ["PATCH /s", "GET /s", "PATCH /s"]);
  });

  it("goes from weak to strong to none, for tags as iDRAC spells them too", async () => {
    const { peer, client } = await begin([STALE, read('W/"gen-2"'), STALE, STALE, { status: 204 }]);
    await patchResource(client, "/s", {}, 'W/"gen-1"');
    assert.deepEqual(tagsSent(peer), ['W/"gen-1"', 'W/"gen-2"', '"gen-2"', undefined]);
  });

  it("strengthens the odd spellings of weak tags", async () => {
    for (const odd of [`"W/'gen-1'"`, `'W/"gen-1"'`]) {
      const { peer, client } = await begin([STALE, read(odd), STALE, { status: 204 }]);
      await patchResource(client, "/s", {}, '"0"');
      assert.deepEqual(tagsSent(peer), ['"0"', odd, '"gen-1"']);
    }
  });

  it("puts the quotes around a tag that a body leaves without, as Lenovo's do", () => {
    assert.equal(tagOf({}, { "@odata.etag": "1f" }), '"1f"');
    for (const whole of ['"1f"', 'W/"1f"']) assert.equal(tagOf({}, { "@odata.etag": whole }), whole);
    assert.equal(tagOf({ etag: '"2a"' }, { "@odata.etag": "1f" }), '"2a"');
    assert.equal(tagOf({}, {}), undefined);
  });

  it("does not repeat a change that was refused for another reason", async () => {
    const { peer, client } = await begin([{ status: 400 }]);
    await fails(patchResource(client, "/s", {}, '"1"'), "bmc-rejected");
    assert.equal(peer.requests.length, 1);
  });
});
