import assert from "node:assert/strict";
import { type Bootable, bootFromDisc, bootFromDisk } from "../../src/redfish/boot.ts";
import type { Slot } from "../../src/redfish/slots.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Peer, Reply } from "./https-peer.ts";

const TIMING = { leftMs: () => 1_000, sleep: async () => undefined };
const DONE: Reply = { status: 204 };
const REFUSED: Reply = { status: 400 };
const DISC = { id: "CD", takesDisc: true } as Slot;
const STICK = { id: "USB1", takesDisc: false } as Slot;
const ONCE = { mode: null, persistent: false };

/** A BMC that allows these targets, boots in this mode now and differs in these ways. */
function bmcWith({ targets, mode = "UEFI", settingsPath, ways = {} }: Record<string, any> = {}): Bootable {
  return {
    system: { path: "/system" } as Bootable["system"],
    state: {
      power: "off",
      override: { enabled: "Disabled", target: "None", mode, etag: undefined },
      bootProgress: undefined,
    },
    boot: { targets, modes: undefined, settingsPath },
    ways,
  };
}

const sent = (peer: Peer) => peer.bodies.map((body) => Object.values(JSON.parse(body).Boot));

describe("boot", () => {
  afterEach(endAll);

  it("asks for one boot from Cd, and for every boot when persistent", async () => {
    const { peer, client } = await begin([DONE]);
    await bootFromDisc(client, bmcWith(), DISC, ONCE, TIMING);
    await bootFromDisc(client, bmcWith(), DISC, { mode: null, persistent: true }, TIMING);
    assert.deepEqual(asked(peer), ["PATCH /system", "PATCH /system"]);
    assert.deepEqual(sent(peer), [
      ["Once", "Cd"],
      ["Continuous", "Cd"],
    ]);
  });

  it("asks for UsbCd where Cd is not allowed, or where Cd is known not to boot, and for Usb for a stick", async () => {
    const { peer, client } = await begin([DONE]);
    await bootFromDisc(client, bmcWith({ targets: ["Hdd", "UsbCd"] }), DISC, ONCE, TIMING);
    const supermicro = bmcWith({ targets: ["Cd", "UsbCd"], ways: { discTargets: ["UsbCd"] } });
    await bootFromDisc(client, supermicro, DISC, ONCE, TIMING);
    await bootFromDisc(client, bmcWith({ targets: ["Cd", "Usb"] }), STICK, ONCE, TIMING);
    assert.deepEqual(
      sent(peer).map((values) => values[1]),
      ["UsbCd", "UsbCd", "Usb"],
    );
  });

  it("sends nothing where no target fits, and names those that are allowed", async () => {
    const { peer, client } = await begin([DONE]);
    const promise = bootFromDisc(client, bmcWith({ targets: ["Pxe", "Hdd"] }), DISC, ONCE, TIMING);
    assert.match((await fails(promise, "bmc-unsupported")).message, /targets Pxe, Hdd/);
    assert.equal(peer.requests.length, 0);
  });

  it("sends the mode only when it is asked for and another, and to no BMC that has none", async () => {
    const { peer, client } = await begin([DONE]);
    await bootFromDisc(client, bmcWith(), DISC, { mode: "uefi", persistent: false }, TIMING);
    await bootFromDisc(client, bmcWith(), DISC, { mode: "bios", persistent: false }, TIMING);
    const gen9 = bmcWith();
    gen9.state.override.mode = undefined;
    await bootFromDisc(client, gen9, DISC, { mode: "bios", persistent: false }, TIMING);
    assert.deepEqual(sent(peer), [
      ["Once", "Cd"],
      ["Once", "Cd", "Legacy"],
      ["Once", "Cd"],
    ]);
  });

  it("sends the whole object where a part of it is refused, and first to BMCs known for that", async () => {
    const { peer, client } = await begin([REFUSED, DONE]);
    await bootFromDisc(client, bmcWith(), DISC, ONCE, TIMING);
    await bootFromDisc(client, bmcWith({ ways: { wantsWholeBoot: true } }), DISC, ONCE, TIMING);
    assert.deepEqual(sent(peer), [
      ["Once", "Cd"],
      ["Once", "Cd", "UEFI"],
      ["Once", "Cd", "UEFI"],
    ]);
  });

  it("sets another mode apart where both together are refused, and never goes on in the wrong one", async () => {
    const bios = { mode: "bios", persistent: false } as const;
    const apart = await begin([REFUSED, DONE]);
    await bootFromDisc(apart.client, bmcWith(), DISC, bios, TIMING);
    assert.deepEqual(sent(apart.peer).slice(1), [["Legacy"], ["Once", "Cd"]]);
    const never = await begin([REFUSED]);
    await fails(bootFromDisc(never.client, bmcWith(), DISC, bios, TIMING), "bmc-rejected");
    assert.deepEqual(sent(never.peer).slice(1), [["Legacy"], ["Continuous", "Cd", "Legacy"], ["Legacy"]]);
  });

  it("asks for what lasts only where there is no override for one boot", async () => {
    const listing = (enabled: string[]) => ({ ...bmcWith(), boot: { ...bmcWith().boot, enabled } });
    const listed = await begin([DONE]);
    await bootFromDisc(listed.client, listing(["Disabled", "Once", "Continuous"]), DISC, ONCE, TIMING);
    await bootFromDisc(listed.client, listing(["Disabled", "Continuous"]), DISC, ONCE, TIMING);
    assert.deepEqual(sent(listed.peer), [
      ["Once", "Cd"],
      ["Continuous", "Cd"],
    ]);
    const refused = await begin([REFUSED, REFUSED, DONE]);
    await bootFromDisc(refused.client, bmcWith(), DISC, ONCE, TIMING);
    assert.deepEqual(sent(refused.peer).at(-1), ["Continuous", "Cd"]);
  });

  it("changes the settings object where the override belongs there", async () => {
    const { peer, client } = await begin([DONE]);
    await bootFromDisc(client, bmcWith({ settingsPath: "/system/Settings" }), DISC, ONCE, TIMING);
    assert.deepEqual(asked(peer), ["PATCH /system/Settings"]);
  });

  it("sends the tag that a BMC wants", async () => {
    const { peer, client } = await begin([
      { status: 428 },
      { headers: { etag: 'W/"1"' }, body: "{}" },
      { status: 412 },
      DONE,
    ]);
    await bootFromDisc(client, bmcWith(), DISC, ONCE, TIMING);
    assert.deepEqual(asked(peer), ["PATCH /system", "GET /system", "PATCH /system", "PATCH /system"]);
    assert.equal(peer.requests.at(-1)?.headers["if-match"], '"1"');
  });

  it("reads the tag first for a BMC that is known to want it", async () => {
    const { peer, client } = await begin([{ headers: { etag: '"1"' }, body: "{}" }, DONE]);
    await bootFromDisc(client, bmcWith({ ways: { wantsTaggedBoot: true } }), DISC, ONCE, TIMING);
    assert.deepEqual(asked(peer), ["GET /system", "PATCH /system"]);
    assert.equal(peer.requests.at(-1)?.headers["if-match"], '"1"');
  });

  it("sends the tag of the last read to such a BMC without another one", async () => {
    const { peer, client } = await begin([DONE]);
    const options = { ...ONCE, etag: '"7"' };
    await bootFromDisc(client, bmcWith({ ways: { wantsTaggedBoot: true } }), DISC, options, TIMING);
    assert.deepEqual(asked(peer), ["PATCH /system"]);
    assert.equal(peer.requests.at(-1)?.headers["if-match"], '"7"');
  });

  it("is busy, not rejected, during POST", async () => {
    const entry = { MessageId: "iLO.2.14.UnableToModifyDuringSystemPOST" };
    const body = JSON.stringify({ error: { "@Message.ExtendedInfo": [entry] } });
    const { peer, client } = await begin([{ status: 400, body }]);
    const error = await fails(bootFromDisc(client, bmcWith(), DISC, ONCE, TIMING), "bmc-busy");
    assert.ok(error.retryable);
    assert.equal(peer.requests.length, 1);
  });

  it("from the disk ends the override, or names the disk where that is refused, as sushy-tools does", async () => {
    const plain = await begin([DONE]);
    await bootFromDisk(plain.client, bmcWith(), TIMING);
    assert.deepEqual(sent(plain.peer), [["Disabled"]]);
    for (const status of [400, 500]) {
      const { peer, client } = await begin([{ status }, REFUSED, DONE]);
      await bootFromDisk(client, bmcWith(), TIMING);
      assert.deepEqual(sent(peer), [["Disabled"], ["Once", "Hdd"], ["Continuous", "Hdd"]]);
    }
  });

  it("goes back to the disk with the whole boot object where no part of it is taken (ASRock Rack, AMI)", async () => {
    const { peer, client } = await begin([REFUSED, REFUSED, REFUSED, DONE]);
    await bootFromDisk(client, bmcWith(), TIMING);
    assert.deepEqual(sent(peer).at(-1), ["Disabled", "Hdd", "UEFI"]);
  });
});
