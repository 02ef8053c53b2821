import assert from "node:assert/strict";
import { begin, endAll, serveDisc } from "./fixture.ts";
import { variantOf } from "./index.ts";
import { until } from "../until.ts";

const SYSTEM = "/redfish/v1/Systems/1";

describe("a simulated BMC that misbehaves", () => {
  afterEach(endAll);

  it("answers once with whatever it is told to, then as ever", async () => {
    const { bmc, client } = await begin();
    const json = { "content-type": "application/json" };
    bmc.failNext(`GET ${SYSTEM}$`, { status: 200, body: '{"PowerState": "O', headers: json });
    bmc.failNext(`GET ${SYSTEM}$`, { status: 307, body: "", headers: { location: "https://elsewhere/" } });
    bmc.failNext(`GET ${SYSTEM}$`, { status: 503, headers: { "retry-after": "2" } });

    const broken = await fetch(`${bmc.address}${SYSTEM}`);
    const redirect = await client.send("GET", SYSTEM);
    const busy = await client.send("GET", SYSTEM);

    await assert.rejects(broken.json(), SyntaxError);
    assert.deepEqual([redirect.status, redirect.headers.get("location")], [307, "https://elsewhere/"]);
    assert.deepEqual([busy.status, busy.headers.get("retry-after")], [503, "2"]);
    assert.equal(busy.json.error["@Message.ExtendedInfo"][0].MessageId, "Base.1.13.GeneralError");
    assert.equal((await client.send("GET", SYSTEM)).status, 200);
  });

  it("cuts a connection after it received the request, and did or did not act", async () => {
    const { bmc, client } = await begin();
    bmc.failNext("Reset", { hangUp: true });
    bmc.failNext("Reset", { hangUp: true, afterActing: true });

    await assert.rejects(client.reset("On"));
    assert.equal(bmc.power, "Off");
    await assert.rejects(client.reset("On"));
    assert.equal(bmc.power, "On");

    assert.deepEqual(
      bmc.requests.filter(({ path }) => path.endsWith("Reset")).map(({ acted, status }) => [acted, status]),
      [
        [false, null],
        [true, null],
      ],
    );
  });

  it("changes power some time after its answer", async () => {
    const { bmc, client } = await begin({ profile: variantOf("generic", { powerLagMs: 2_000 }) });

    await client.reset("On");
    assert.equal((await client.send("GET", SYSTEM)).json.PowerState, "Off");
    await until(() => bmc.power === "On");
  });

  it("has every change take its time under a timed pace", async () => {
    const { bmc, client } = await begin({ pace: { ms: 20 } });
    const asked = Date.now();

    await client.insert("http://127.0.0.1:1/x.iso");

    assert.ok(Date.now() - asked >= 19, "the insert was answered before its time");
    assert.equal(bmc.slot().inserted, true);
  });

  it("has only a slot that cannot take a CD", async () => {
    const slots = [
      { id: "Floppy", under: "manager", types: ["USBStick", "Floppy"], isBootable: false },
    ] as const;
    const { client } = await begin({ profile: variantOf("generic", { media: { slots } }) });

    const media = await client.send("GET", "/redfish/v1/Managers/BMC/VirtualMedia");

    assert.deepEqual(media.json.Members, [{ "@odata.id": "/redfish/v1/Managers/BMC/VirtualMedia/Floppy" }]);
    const slot = await client.send("GET", media.json.Members[0]["@odata.id"]);
    assert.deepEqual(slot.json.MediaTypes, ["USBStick", "Floppy"]);
  });

  it("copies the disc slowly inside the insert", async () => {
    const disc = await serveDisc();
    const profile = variantOf("copying", { media: { copyBytesPerSecond: disc.size / 2 } });
    const { bmc, client } = await begin({ profile });
    const asked = Date.now();

    const answer = client.insert(disc.url);
    await until(() => disc.reads.length === 1);
    assert.equal(bmc.slot().inserted, false);

    assert.equal((await answer).status, 204);
    assert.ok(Date.now() - asked >= 1_900, "the copy came faster than it may");
  });

  it("tells by a task when to ask again, in any form", async () => {
    const retryAfter = "Fri, 07 Aug 2037 10:00:00 GMT";
    const profile = variantOf("generic", { tasks: { verbs: ["reset", "boot"], retryAfter } });
    const { client } = await begin({ profile });

    const accepted = await client.reset("On");

    assert.deepEqual([accepted.status, accepted.headers.get("retry-after")], [202, retryAfter]);
    assert.match(accepted.headers.get("location") ?? "", /TaskMonitors\/1$/);
  });
});
