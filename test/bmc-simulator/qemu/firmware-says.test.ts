import assert from "node:assert/strict";
import { whatStarted } from "./firmware-says.ts";

// Recorded from SeaBIOS 1.16.2 and OVMF 2022.11 on QEMU 7.2, control sequences left in.
const SEABIOS = "\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS (version 1.16.2-debian-1.16.2-1)\r\n";
const OVMF = "\x1b[2J\x1b[01;01H\x1b[=3h\x1b[2J\x1b[01;01H";
const CD = '"UEFI QEMU DVD-ROM QM00003 " from PciRoot(0x0)/Pci(0x1,0x1)/Ata(Secondary,Master,0x0)';

describe("what the firmware says on the serial line", () => {
  const stories: [string, ReturnType<typeof whatStarted>, string][] = [
    ["SeaBIOS before it tries anything", null, SEABIOS],
    ["SeaBIOS reading the disc", null, `${SEABIOS}Booting from DVD/CD...\r\n`],
    [
      "SeaBIOS whose disc speaks",
      "disc",
      `${SEABIOS}Booting from DVD/CD...\r\n\x1b[0;30;47mWelcome to GRUB!\r\n`,
    ],
    ["SeaBIOS cut off by the disc's first word", "disc", `${SEABIOS}Booting from DVD/CD..TINY-ISO\r\n`],
    ["SeaBIOS half way through a failure", null, `${SEABIOS}Booting from DVD/CD...\r\nBoot fai`],
    [
      "SeaBIOS whose disk boots after the disc failed",
      "disk",
      `${SEABIOS}Booting from DVD/CD...\r\nBoot failed: Could not read from CDROM (code 0003)\r\nBooting from Hard Disk...\r\nGRUB loading.\r\n`,
    ],
    [
      // Not recorded: as a terminal's colours before the failure would be.
      "SeaBIOS whose failure is coloured",
      null,
      `${SEABIOS}Booting from DVD/CD...\r\n\x1b[0;31mBoot failed: Could not read from CDROM (code 0003)\r\n`,
    ],
    [
      "SeaBIOS at its end",
      "nothing",
      `${SEABIOS}Booting from Hard Disk...\r\nBoot failed: not a bootable disk\r\n\nNo bootable device.\r\n`,
    ],
    ["OVMF loading the disc", null, `${OVMF}BdsDxe: loading Boot0001 ${CD}\r\n`],
    [
      "OVMF starting the disc",
      "disc",
      `${OVMF}BdsDxe: loading Boot0001 ${CD}\r\nBdsDxe: starting Boot0001 ${CD}\r\n`,
    ],
    [
      "OVMF starting a disc on a SCSI bus",
      "disc",
      `${OVMF}BdsDxe: starting Boot0001 "UEFI QEMU QEMU CD-ROM " from PciRoot(0x0)/Pci(0x1,0x0)/Scsi(0x0,0x0)\r\n`,
    ],
    [
      "OVMF starting the disk",
      "disk",
      `${OVMF}BdsDxe: starting Boot0002 "UEFI QEMU HARDDISK QM00001 " from PciRoot(0x0)/Pci(0x1,0x1)/Ata(Primary,Master,0x0)\r\n`,
    ],
    [
      "OVMF starting what an installed system named",
      "disk",
      `${OVMF}BdsDxe: starting Boot0004 "debian" from HD(1,GPT,11111111-2222-3333-4444-555555555555,0x800,0x100000)\r\n`,
    ],
    [
      "OVMF starting what it fetched itself",
      "http",
      `${OVMF}BdsDxe: loading Boot00AA "by HTTP" from Uri(http://10.0.2.2:8080/d/boot.iso)\r\nBdsDxe: starting Boot00AA "by HTTP" from Uri(http://10.0.2.2:8080/d/boot.iso)\r\n`,
    ],
    [
      "OVMF falling into its shell",
      "nothing",
      `${OVMF}BdsDxe: failed to load Boot0001 ${CD}: Not Found\r\nBdsDxe: starting Boot0003 "EFI Internal Shell" from Fv(7CB8BDC9)/FvFile(7C04A583)\r\n`,
    ],
  ];
  for (const [story, started, serial] of stories)
    it(`${story} means ${started ?? "not yet known"}`, () => {
      assert.equal(whatStarted(serial), started);
      // A serial line arrives in pieces, and a piece may end anywhere: in a name, in a path, in a control sequence.
      for (let end = 0; end < serial.length; end++)
        assert.ok(
          [null, started].includes(whatStarted(serial.slice(0, end))),
          JSON.stringify(serial.slice(0, end)),
        );
    });
});
