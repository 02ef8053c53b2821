import assert from "node:assert/strict";
import { makeTinyIso, TINY_ISO_BYTES } from "./tiny-iso.ts";

const block = (iso: Buffer, number: number): Buffer => iso.subarray(number * 2048, (number + 1) * 2048);

describe("a tiny ISO", () => {
  it("says what it is where firmware and inspectors look", () => {
    const iso = makeTinyIso({ label: "RESCUE_1" });

    assert.equal(block(iso, 16).toString("latin1", 0, 6), "\x01CD001");
    assert.equal(block(iso, 16).toString("latin1", 40, 72).trim(), "RESCUE_1");
    assert.equal(block(iso, 16).readUInt32LE(80) * 2048, iso.length);
    assert.equal(block(iso, 17).toString("latin1", 7, 30), "EL TORITO SPECIFICATION");
    assert.equal(block(iso, 18).toString("latin1", 0, 6), "\xffCD001");
  });

  it("lists a boot entry for each firmware, and a catalogue whose sum is right", () => {
    const catalogue = block(makeTinyIso(), block(makeTinyIso(), 17).readUInt32LE(71));

    let sum = 0;
    for (let word = 0; word < 32; word += 2) sum += catalogue.readUInt16LE(word);
    assert.equal(sum & 0xffff, 0);
    assert.deepEqual([catalogue[1], catalogue[32], catalogue[65], catalogue[96]], [0, 0x88, 0xef, 0x88]);
  });

  it("leaves out the entry that is not wanted", () => {
    const bios = block(makeTinyIso({ modes: ["bios"] }), 19);
    const uefi = block(makeTinyIso({ modes: ["uefi"] }), 19);

    assert.deepEqual([bios[1], bios[64]], [0, 0]);
    assert.deepEqual([uefi[1], uefi[64]], [0xef, 0]);
  });

  it("has the size asked for, in whole blocks that each know their number", () => {
    const iso = makeTinyIso({ sizeBytes: 3_000_000 });

    assert.equal(iso.length, 3_000_320);
    assert.equal(block(iso, 1464).readUInt32BE(0), 1464);
    assert.equal(makeTinyIso().length, TINY_ISO_BYTES);
  });

  it("refuses what cannot be an ISO that boots", () => {
    assert.throws(() => makeTinyIso({ label: "lower case" }), RangeError);
    assert.throws(() => makeTinyIso({ sizeBytes: 2048 }), RangeError);
    assert.throws(() => makeTinyIso({ modes: [] }), RangeError);
  });
});
