import assert from "node:assert/strict";
import { patch, removeWritten, writeDisc } from "../images/patch/fixture.ts";
import { bootDrive, type DriveBoot } from "./drive-machine.ts";
import { FAMILIES } from "./families.ts";
import { type FamilyIso, makeFamilyIso } from "./family-isos.ts";
import { needRealMachines } from "./needs.ts";
import { SERIAL_MS } from "./patience.ts";

const GREETING = { path: "/node/greeting", content: Buffer.from("only for node 7") };

const WAYS: readonly DriveBoot[] = [
  { firmware: "bios", as: "cd" },
  { firmware: "bios", as: "usb-disk" },
  { firmware: "uefi", as: "cd" },
  { firmware: "uefi", as: "usb-disk" },
];

/** Where a family's own image has nothing for this firmware. */
function canBoot({ isolinux, grub }: FamilyIso, { firmware }: DriveBoot): boolean {
  return firmware === "uefi" || isolinux !== undefined || grub !== undefined;
}

describe("a patched ISO", () => {
  before(function () {
    needRealMachines(this);
  });
  afterEach(removeWritten);

  for (const family of FAMILIES)
    for (const way of WAYS.filter((one) => canBoot(family, one)))
      it(`of ${family.name} boots by ${way.firmware} as a ${way.as}, with the added arguments`, async () => {
        const isoPath = await makeFamilyIso(family);
        const isCoreOs = family.name === "coreos";
        const odd = isCoreOs ? "" : ' trayload.odd="a $b; reboot # {c}"';
        const patched = await patch(isoPath, {
          kernelArgs: {
            append: `trayload.node=seven trayload.show=/node/greeting${odd}`,
            remove: "random.trust_cpu",
          },
          files: [GREETING],
        });
        const { path } = await writeDisc(patched, isoPath);

        const onDisc = way.as === "cd" ? /PAYLOAD-ON-DISC .*\r?\n/ : /FAMILY firmware=.*\r?\n/;
        const serial = await bootDrive(path, way, onDisc, SERIAL_MS);

        const [line = ""] = serial.split("\n").filter((one) => one.includes("FAMILY firmware="));
        assert.match(line, new RegExp(`firmware=${way.firmware} .*trayload\\.node=seven`));
        assert.doesNotMatch(line, /random\.trust_cpu|rd\.live\.check/);
        if (!isCoreOs) assert.match(line, /trayload\.odd=("?)"?a \$b; reboot # \{c\}"/);
        if (way.as === "cd") assert.match(serial, /PAYLOAD-ON-DISC only for node 7\r?\n/);
      });
});
