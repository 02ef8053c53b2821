import assert from "node:assert/strict";
import { ejectMedia, holds, insertMedia } from "../../src/redfish/virtual-media.ts";
import { readSlot, type Slot } from "../../src/redfish/slots.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Reply } from "./https-peer.ts";

const URL_OF_DISC = "http://10.0.0.1:8090/s/boot.iso";
const TIMING = { leftMs: () => 1_000, sleep: async () => undefined };
const SLOT: Slot = {
  path: "/slot",
  id: "CD",
  under: "manager",
  types: ["CD"],
  takesDisc: true,
  insertTarget: "/insert",
  ejectTarget: "/eject",
  isInserted: true,
  image: URL_OF_DISC,
  etag: '"1"',
};
const EMPTY: Reply = { body: '{"Inserted":false,"Image":null}' };
const FULL: Reply = { body: JSON.stringify({ Inserted: true, Image: URL_OF_DISC }) };
const DONE: Reply = { status: 204 };

describe("virtual media", () => {
  afterEach(endAll);

  it("is inserted by the action, and by PATCH where there is none", async () => {
    const { peer, client } = await begin([DONE]);
    await insertMedia(client, SLOT, URL_OF_DISC, TIMING);
    await insertMedia(client, { ...SLOT, insertTarget: undefined }, URL_OF_DISC, TIMING);
    assert.deepEqual(asked(peer), ["POST /insert", "PATCH /slot"]);
    assert.equal(peer.requests[1]?.headers["if-match"], '"1"');
  });

  it("is inserted only when the BMC's task has ended", async () => {
    const { peer, client } = await begin([
      { status: 202, headers: { location: "/task" } },
      { status: 202 },
      DONE,
    ]);
    await insertMedia(client, SLOT, URL_OF_DISC, { ...TIMING, leftMs: () => 60_000 });
    assert.deepEqual(asked(peer), ["POST /insert", "GET /task", "GET /task"]);
  });

  it("is not ours when the slot kept an older image after a failed insert", async () => {
    const { client } = await begin([{ body: '{"Inserted":true,"Image":"http://10.0.0.1/old.iso"}' }]);
    assert.ok(!holds(await readSlot(client, SLOT), URL_OF_DISC));
    assert.ok(holds(SLOT, URL_OF_DISC));
  });

  for (const name of ["TransferProtocolType", "TransferMethod"])
    it(`is inserted with ${name} where the BMC misses it, in whichever message it says so`, async () => {
      const messages = [
        { MessageId: "Base.1.4.0.GeneralError", Message: "See below." },
        {
          MessageId: "Base.1.4.0.GeneralError",
          Message: `'${name}' property which is mandatory is missing.`,
        },
      ];
      const body = JSON.stringify({ error: { "@Message.ExtendedInfo": messages } });
      const { peer, client } = await begin([{ status: 400, body }, DONE]);
      await insertMedia(client, SLOT, URL_OF_DISC, TIMING);
      assert.deepEqual(Object.keys(JSON.parse(peer.bodies[0]!)), ["Image"]);
      assert.deepEqual(Object.keys(JSON.parse(peer.bodies[1]!)), ["Image", name]);
    });

  it("is not inserted again and again where the BMC misses what it was given", async () => {
    const entry = { MessageId: "Base.1.5.ActionParameterMissing", MessageArgs: ["TransferMethod"] };
    const body = JSON.stringify({ error: { "@Message.ExtendedInfo": [entry] } });
    const { peer, client } = await begin([{ status: 400, body }]);
    await fails(insertMedia(client, SLOT, URL_OF_DISC, TIMING), "bmc-rejected");
    assert.equal(peer.requests.length, 2);
  });

  it("is ejected with an empty object, as iLO wants it, and without a body where that is refused", async () => {
    const { peer, client } = await begin([{ status: 415 }, DONE]);
    await ejectMedia(client, SLOT, TIMING);
    assert.deepEqual(asked(peer), ["POST /eject", "POST /eject"]);
    assert.deepEqual(peer.bodies, ["{}", ""]);
  });

  it("is ejected beside the insert where no eject is shown, and by PATCH where there is none", async () => {
    const slot = { ...SLOT, way: "action" as const, isEjectGuessed: true };
    const { peer, client } = await begin([{ status: 404 }, DONE]);
    await ejectMedia(client, slot, TIMING);
    assert.deepEqual(asked(peer), ["POST /eject", "PATCH /slot"]);
  });

  it("has beside the one action that is shown the one that cannot be done now, unless the console fills the slot", async () => {
    const action = (name: string) => ({
      [`#VirtualMedia.${name}`]: { target: `/slot/Actions/VirtualMedia.${name}` },
    });
    const fed = { Oem: { OpenBMC: { WebSocketEndpoint: "/nbd/0" } } };
    const bodies = [
      { Inserted: false, Actions: action("InsertMedia") },
      { Inserted: true, Actions: action("EjectMedia") },
      { Inserted: false, Actions: action("EjectMedia") },
      { Inserted: true, Actions: action("EjectMedia"), ...fed },
    ];
    const { client } = await begin(bodies.map((body) => ({ body: JSON.stringify(body) })));
    const found: (string | undefined)[][] = [];
    for (const _body of bodies) {
      const { insertTarget, ejectTarget } = await readSlot(client, SLOT);
      found.push([insertTarget, ejectTarget].map((target) => target?.split(".").at(-1)));
    }
    const both = ["InsertMedia", "EjectMedia"];
    assert.deepEqual(found, [both, both, [undefined, "EjectMedia"], [undefined, "EjectMedia"]]);
  });

  it("is ejected when a BMC refuses because the slot is empty", async () => {
    const { peer, client } = await begin([{ status: 500 }, EMPTY]);
    await ejectMedia(client, SLOT, TIMING);
    assert.deepEqual(asked(peer), ["POST /eject", "GET /slot"]);
  });

  it("is not ejected when the BMC refuses and it is still there", async () => {
    for (const status of [403, 404, 409, 500, 503]) {
      const { client } = await begin([{ status }, FULL]);
      await assert.rejects(ejectMedia(client, SLOT, TIMING), { status });
    }
  });

  it("is not ejected when the BMC refuses and the slot cannot be read", async () => {
    const { client } = await begin([{ status: 500 }, { status: 404 }]);
    const error = await fails(ejectMedia(client, SLOT, TIMING), "bmc-failed");
    assert.ok(error.mayHaveActed);
  });

  it("is not asked for after an eject whose answer was lost", async () => {
    const { peer, client } = await begin(["hang-up"]);
    await fails(ejectMedia(client, SLOT, TIMING), "bmc-unreachable");
    assert.deepEqual(asked(peer), ["POST /eject"]);
  });

  it("is not inserted a second time by an answer that was lost", async () => {
    const { peer, client } = await begin(["hang-up"]);
    await fails(insertMedia(client, SLOT, URL_OF_DISC, TIMING), "bmc-unreachable");
    assert.equal(peer.requests.length, 1);
  });
});
