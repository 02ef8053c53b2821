import assert from "node:assert/strict";
import { readInventory } from "../../src/deploy/agent/inventory.ts";
import type { Node } from "../../src/nodes/index.ts";

const GIB = 2 ** 30;
const AT = { deploymentId: "dep_1", at: "2026-01-01T00:00:00.000Z" };

/** As an agent spells it. */
const INVENTORY = {
  interfaces: [
    {
      name: "eth0",
      mac_address: "52:54:00:AA:00:01",
      lldp: [
        [1, "04885a92ec5459"],
        [2, "0545746865726e6574312f3138"],
      ],
    },
    { name: "eth1", mac_address: "52:54:00:aa:00:02", lldp: null },
  ],
  cpu: { architecture: "x86_64" },
  disks: [
    { name: "/dev/sdb", size: 500 * GIB, serial: "LARGE", rotational: true },
    {
      name: "/dev/sda",
      size: 100 * GIB,
      serial: "SMALL",
      model: "M",
      wwn: "0x5",
      by_path: "/dev/disk/by-path/1",
    },
    { name: "/dev/sdc", size: 3 * GIB, serial: "STICK" },
  ],
  system_vendor: { serial_number: "SN-1" },
  boot: { current_boot_mode: "uefi" },
};

const nodeWith = (changes: object = {}): Node =>
  ({
    id: "node_1",
    macs: ["52:54:00:aa:00:01"],
    arch: "x86_64",
    bootMode: "uefi",
    observed: { serialNumber: "SN-1" },
    ...changes,
  }) as unknown as Node;

describe("the inventory of a node", () => {
  const read = (changes?: object) => readInventory({ inventory: INVENTORY, data: {} }, nodeWith(changes), AT);

  it("tells the disks for a system, smallest first, as the agent takes them", () => {
    assert.deepEqual(read().rootDisks, [
      {
        name: "/dev/sda",
        sizeBytes: 100 * GIB,
        serial: "SMALL",
        model: "M",
        wwn: "0x5",
        rotational: null,
        byPath: "/dev/disk/by-path/1",
      },
      {
        name: "/dev/sdb",
        sizeBytes: 500 * GIB,
        serial: "LARGE",
        model: null,
        wwn: null,
        rotational: true,
        byPath: null,
      },
    ]);
  });

  it("tells the MAC addresses, and what switches said at which interface", () => {
    const { macs, lldp } = read();

    assert.deepEqual(macs, ["52:54:00:aa:00:01", "52:54:00:aa:00:02"]);
    const tlvs = [
      [1, "04885a92ec5459"],
      [2, "0545746865726e6574312f3138"],
    ];
    assert.deepEqual(lldp, [{ interface: "eth0", tlvs }]);
  });

  it("finds nothing wrong with a record that fits, or that says nothing", () => {
    assert.deepEqual(read().mismatches, []);
    assert.deepEqual(read({ macs: [], bootMode: null, observed: { serialNumber: null } }).mismatches, []);
  });

  it("tells each field in which the record is wrong", () => {
    const wrong = {
      macs: ["52:54:00:aa:00:01", "52:54:00:99:99:99"],
      arch: "aarch64",
      bootMode: "bios",
      observed: { serialNumber: "SN-2" },
    };

    assert.deepEqual(read(wrong).mismatches, [
      { field: "macs", recorded: wrong.macs.join(", "), found: "52:54:00:aa:00:01, 52:54:00:aa:00:02" },
      { field: "arch", recorded: "aarch64", found: "x86_64" },
      { field: "bootMode", recorded: "bios", found: "uefi" },
      { field: "serialNumber", recorded: "SN-2", found: "SN-1" },
    ]);
  });

  it("is read of whatever an agent gave", () => {
    const { rootDisks, macs, lldp } = readInventory(
      { inventory: { interfaces: [null, 7], disks: "none", cpu: [] }, data: {} },
      nodeWith({ macs: [] }),
      AT,
    );
    assert.deepEqual([rootDisks, macs, lldp], [[], [], []]);
  });
});
