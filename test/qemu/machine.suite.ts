import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import type { Boot, BootRecord } from "../bmc-simulator/machine.ts";
import { createQemuMachine, type QemuMachine } from "../bmc-simulator/qemu-machine.ts";
import { makeOnce } from "../media/cache.ts";
import { DEBIAN_RESCUE_ISO, makeRescueIso, RESCUE_MARKER } from "../media/grub-iso.ts";
import { makePayloadIso, type Payload } from "../media/payload-iso.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { makeCertificate } from "../redfish/https-peer.ts";
import { type Host, startHost } from "./host.ts";
import { needRealMachines } from "./needs.ts";
import { SERIAL_MS } from "./patience.ts";

/** Long enough for a slow machine that does other things as well; a boot takes a few seconds. */

describe("a QEMU machine", () => {
  const files: Record<string, string> = { "/debian-rescue.iso": DEBIAN_RESCUE_ISO };
  let host: Host;
  let machine: QemuMachine;
  let selves: string[];
  let selfTold: () => void;

  before(async function () {
    needRealMachines(this);
    files["/rescue.iso"] = await makeRescueIso();
    files["/tiny.iso"] = await makeOnce("tiny.iso", [], async (path) => writeFileSync(path, makeTinyIso()));
  });
  beforeEach(async () => {
    host = await startHost(files);
    machine = createQemuMachine({ name: "qemu-suite" });
    selves = [];
    machine.onSelf = (what) => {
      selves.push(what);
      selfTold();
    };
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine.lastError, machine.serial.slice(-2000));
    await machine.close();
    await host.close();
  });

  const bootDisc = (path: string, mode: Boot["mode"]) =>
    machine.powerOn({ disc: host.origin + path, from: "disc", mode });
  const bootPayload = async (payload: Payload, mode: Boot["mode"]) => {
    files["/payload.iso"] = await makePayloadIso(payload);
    bootDisc("/payload.iso", mode);
  };
  /** Resolves with what the machine next does by itself. */
  const nextSelf = async (): Promise<string> => {
    if (selves.length === 0) await new Promise<void>((resolve) => (selfTold = resolve));
    return selves.shift()!;
  };
  const lastBoot = (): Omit<BootRecord, "at"> => {
    const { from, url } = machine.boots.at(-1)!;
    return { from, url };
  };

  it("boots Debian's rescue disc, which only BIOS can boot, by reading it over HTTP", async () => {
    bootDisc("/debian-rescue.iso", "bios");

    await machine.waitForSerial(/GNU GRUB/, SERIAL_MS);

    assert.deepEqual(lastBoot(), { from: "disc", url: `${host.origin}/debian-rescue.iso` });
    assert.ok(host.bytesRead["/debian-rescue.iso"]! > 100_000);
  });

  it("boots nothing from that disc under UEFI", async () => {
    bootDisc("/debian-rescue.iso", "uefi");

    await machine.waitForSerial(/starting Boot\w+ "EFI Internal Shell" from \S+\r?\n/, SERIAL_MS);

    assert.equal(lastBoot().from, "nothing");
  });

  for (const [mode, platform] of [["bios", "pc"] as const, ["uefi", "efi"] as const])
    it(`boots a disc with both entries under ${mode}`, async () => {
      bootDisc("/rescue.iso", mode);

      await machine.waitForSerial(new RegExp(RESCUE_MARKER + platform), SERIAL_MS);

      assert.equal(lastBoot().from, "disc");
      assert.equal(machine.isOn, true);
    });

  for (const mode of ["bios", "uefi"] as const)
    it(`runs a payload under ${mode} that calls back and stays until its button is pressed`, async () => {
      const callBack = `${host.originForGuests}/call-back/secret`;
      await bootPayload({ marker: "HELLO", action: "stay", callBack }, mode);

      assert.equal(await host.nextPost(SERIAL_MS), '{"status":"succeeded"}');
      await machine.waitForSerial(/PAYLOAD-ACTION stay/, SERIAL_MS);
      assert.match(machine.serial, new RegExp(`HELLO firmware=${mode} .*trayload.callback=${callBack}`));

      await machine.shutDown();
      assert.equal(await nextSelf(), "off");
      assert.equal(machine.isOn, false);
    });

  it("is off once its system powers itself off", async () => {
    await bootPayload({ marker: "BYE", action: "poweroff" }, "bios");

    assert.equal(await nextSelf(), "off");
    assert.equal(machine.isOn, false);
    assert.match(machine.serial, /BYE firmware=bios/);
    assert.equal(machine.lastError, null);
  });

  it("tells that its system restarted, and then boots what it is told to", async () => {
    await bootPayload({ marker: "AGAIN", action: "reboot" }, "bios");

    assert.equal(await nextSelf(), "rebooted");
    assert.equal(machine.isOn, false);

    machine.powerOn({ disc: `${host.origin}/payload.iso`, from: "disk", mode: "bios" });
    await machine.waitForSerial(/No bootable device\./, SERIAL_MS);
    assert.deepEqual(lastBoot(), { from: "nothing", url: null });
  });

  it("is off at once when its power is cut, and says nothing of itself", async () => {
    bootDisc("/tiny.iso", "bios");
    await machine.waitForSerial(/TINY-ISO/, SERIAL_MS);

    await machine.forceOff();

    assert.equal(machine.isOn, false);
    assert.deepEqual(selves, []);
  });

  it("can be cut off before it has begun", async () => {
    bootDisc("/tiny.iso", "bios");

    await machine.forceOff();

    assert.equal(machine.isOn, false);
    assert.equal(machine.lastError, null);
  });

  it("boots nothing from a disc that is not there, and says why", async () => {
    bootDisc("/missing.iso", "bios");

    await machine.waitForSerial(/No bootable device\./, SERIAL_MS);

    assert.equal(lastBoot().from, "nothing");
    assert.match(machine.lastError ?? "", /404/);
    assert.ok(!machine.lastError!.includes(host.origin), "the URL of a disc is a secret");
  });

  it("has its disc taken out and changed while it runs", async () => {
    await bootPayload({ marker: "STAY", action: "stay", kernelArgs: ["trayload.watch-disc"] }, "bios");
    await machine.waitForSerial(/PAYLOAD-DISC TRAYLOAD_PAYLOAD/, SERIAL_MS);

    machine.changeDisc(null);
    await machine.waitForSerial(/PAYLOAD-DISC none/, SERIAL_MS);
    machine.changeDisc(`${host.origin}/rescue.iso`);
    await machine.waitForSerial(/PAYLOAD-DISC TRAYLOAD_RESCUE/, SERIAL_MS);

    assert.equal(machine.isOn, true);
    assert.equal(machine.lastError, null);
  });

  it("reads a disc over https whoever signed the certificate", async () => {
    const secure = await startHost(files, makeCertificate());
    try {
      machine.powerOn({ disc: `${secure.origin}/tiny.iso`, from: "disc", mode: "bios" });
      await machine.waitForSerial(/TINY-ISO/, SERIAL_MS);
    } finally {
      await secure.close();
    }
  });
});
