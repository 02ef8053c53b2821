import assert from "node:assert/strict";
import { sayBootState, showBytes, showDuration } from "../../src/client/index.ts";
import {
  nameBmc,
  plural,
  readPairs,
  showAge,
  showBoot,
  showLeft,
  showPairs,
} from "../../src/web/page/words.ts";

describe("the dashboard's words", () => {
  it("show durations in two units at most, and ages that do not flicker", () => {
    const shown = [0, 420, 12_400, 200_000, 7_500_000, 273_600_000].map(showDuration);
    assert.deepEqual(shown, ["0.0 s", "0.4 s", "12 s", "3m 20s", "2h 05m", "3d 4h"]);
    assert.deepEqual([-5, 1_400, 61_000].map(showAge), ["0 s", "1 s", "1m 01s"]);
  });

  it("show bytes in the unit that fits", () => {
    assert.deepEqual([0, 1536, 876_609_536].map(showBytes), ["0 B", "1.5 KiB", "836 MiB"]);
  });

  it("take the states of a boot apart, and leave names as they are", () => {
    const states = ["OSBootStarted", "PCIResourceConfigStarted", "OsIsRunning", "OEM"].map(sayBootState);
    assert.deepEqual(states, ["OS boot started", "PCI resource config started", "Os is running", "OEM"]);
  });

  it("show an estimate as one, and none when it has passed", () => {
    const nowMs = Date.parse("2026-01-01T00:00:00Z");
    assert.equal(showLeft("2026-01-01T00:01:30Z", nowMs), "about 1m 30s left");
    assert.equal(showLeft("2025-12-31T23:59:00Z", nowMs), null);
    assert.equal(showLeft(null, nowMs), null);
  });

  it("call what is booted by the last part of its address", () => {
    const image = (url: string) => ({ url, checksum: null });
    assert.equal(showBoot({ iso: image("https://images.example/24.04/ubuntu.iso?x=1") }), "ubuntu.iso");
    assert.equal(showBoot({ iso: image("https://images.example") }), "https://images.example");
    const boot = {
      kernel: image("file:///srv/vmlinuz"),
      ramdisk: image("file:///srv/initrd"),
      bootloader: null,
    };
    assert.equal(showBoot(boot), "vmlinuz");
  });

  it("count in the singular and the plural", () => {
    assert.deepEqual([plural(1, "node"), plural(5000, "node")], ["1 node", "5,000 nodes"]);
  });
});

describe("a BMC's name", () => {
  it("is its model and firmware, said once", () => {
    assert.equal(nameBmc("iDRAC9", "7.10.50"), "iDRAC9 7.10.50");
    assert.equal(nameBmc("iLO 5", "iLO 5 v3.11"), "iLO 5 v3.11");
    assert.equal(nameBmc(null, "2.10"), "2.10");
    assert.equal(nameBmc(null, null), "");
  });
});

describe("pairs of names and values", () => {
  it("are read as people write them, and shown so", () => {
    assert.deepEqual(readPairs("role=worker, row:1\n url=a=b  lone"), {
      role: "worker",
      row: "1",
      url: "a=b",
      lone: "",
    });
    assert.deepEqual(readPairs(" "), {});
    assert.equal(showPairs({ role: "worker", row: "1" }), "role=worker, row=1");
  });
});
