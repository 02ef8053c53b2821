import assert from "node:assert/strict";
import { discNode, type QemuCommand, qemuArguments } from "./command.ts";

const COMMAND: QemuCommand = {
  program: "qemu-system-x86_64",
  name: "node-1",
  boot: { disc: null, from: "disc", mode: "bios" },
  accelerator: "tcg",
  memoryMiB: 256,
  diskPath: "/machine/disk.raw",
  qmpPath: "/machine/qmp-1",
  firmware: null,
};

/** The arguments in one line, as a person would type them. */
const line = (change: Partial<QemuCommand>): string => qemuArguments({ ...COMMAND, ...change }).join(" ");

describe("the command line of a QEMU machine", () => {
  it("boots from the drive before the disk, or from the disk alone", () => {
    assert.match(line({}), /ide-cd,bus=ide.1,id=cd,bootindex=1 .*ide-hd,bus=ide.0,drive=disk,bootindex=2/);
    assert.doesNotMatch(line({ boot: { ...COMMAND.boot, from: "disk" } }), /bootindex=1/);
  });

  it("takes UEFI firmware with the machine's own variables", () => {
    const firmware = { codePath: "/code.fd", variablesPath: "/machine/variables.fd" };

    assert.match(
      line({ firmware }),
      /pflash,format=raw,readonly=on,file=\/code.fd .*file=\/machine\/variables.fd/,
    );
    assert.doesNotMatch(line({}), /pflash/);
  });

  it("has the chip set that firmware with Secure Boot needs", () => {
    const firmware = { codePath: "/code.ms.fd", variablesPath: "/machine/variables.fd", isGuarded: true };

    assert.match(line({ firmware }), /-machine q35,smm=on,.*cfi.pflash01,property=secure,value=on/);
    assert.match(line({}), /-machine pc,/);
  });

  it("has another disc beside the drive that the BMC fills, as a CD or as a disk", () => {
    const beside = { url: "http://127.0.0.1/a.iso", as: "cd", isBooted: false } as const;

    assert.match(
      line({ beside }),
      /"node-name":"beside".* ide-cd,bus=ide.0,unit=1,drive=beside,bootindex=9$/,
    );
    assert.match(
      line({ beside: { ...beside, as: "usb-disk", isBooted: true } }),
      /-device qemu-xhci .*usb-storage,drive=beside,bootindex=0$/,
    );
  });

  it("keeps a comma in a name from becoming an option", () =>
    assert.ok(
      qemuArguments({ ...COMMAND, name: "rack 1,debug-threads=on" }).includes("rack 1,,debug-threads=on"),
    ));

  it("reads a disc over http and over https whoever signed the certificate", () => {
    assert.deepEqual(discNode("disc-1", "http://127.0.0.1:8080/a.iso")["file"], {
      driver: "http",
      url: "http://127.0.0.1:8080/a.iso",
      readahead: 131072,
      timeout: 20,
    });
    assert.match(
      JSON.stringify(discNode("disc-1", "https://127.0.0.1/a.iso")),
      /"driver":"https".*"sslverify":false/,
    );
  });

  it("puts no file of the host into the drive", () =>
    assert.throws(() => discNode("disc-1", "file:///etc/passwd"), /cannot read file URLs/));
});
