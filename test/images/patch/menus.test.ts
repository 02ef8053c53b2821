import assert from "node:assert/strict";
import fc from "fast-check";
import { parseKernelArgs, readKernelArgsChange } from "../../../src/images/index.ts";
import { writePlainArg } from "../../../src/images/kernel-args.ts";
import { ESXI } from "../../../src/images/patch/menus/esxi.ts";
import { GRUB } from "../../../src/images/patch/menus/grub.ts";
import { readCommands } from "../../../src/images/patch/menus/grub-words.ts";
import { setLoaderTimeout, SYSTEMD_BOOT } from "../../../src/images/patch/menus/loader-entry.ts";
import type { MenuKind } from "../../../src/images/patch/menus/menu.ts";
import { SYSLINUX } from "../../../src/images/patch/menus/syslinux.ts";
import { DEBIAN_GRUB, ESXI_CFG, RED_HAT_GRUB, RED_HAT_ISOLINUX } from "./families.ts";

type Request = Parameters<typeof readKernelArgsChange>[0];

function change(kind: MenuKind, text: string, request: Request, timeoutS: number | null = null): string {
  return kind.change(text, { args: readKernelArgsChange(request), timeoutS }).text;
}

/** Lines that the change made, so that a test says nothing about those that stayed. */
function differing(before: string, after: string): string[] {
  const old = new Set(before.split("\n"));
  return after
    .split("\n")
    .filter((line) => !old.has(line))
    .map((line) => line.trim());
}

describe("a menu of GRUB", () => {
  it("has arguments at the end of every line that starts a kernel", () => {
    const changed = change(GRUB, RED_HAT_GRUB, "console=ttyS0");
    assert.deepEqual(differing(RED_HAT_GRUB, changed), [
      "linuxefi /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=RHEL quiet console=ttyS0",
      "linuxefi /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=RHEL rd.live.check quiet console=ttyS0",
      "linuxefi /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=RHEL inst.rescue quiet console=ttyS0",
    ]);
  });

  it("has them before what is for the installed system", () => {
    const changed = change(GRUB, DEBIAN_GRUB, "auto=true ds=nocloud;s=/cdrom/");
    assert.deepEqual(differing(DEBIAN_GRUB, changed), [
      "linux    /install.amd/vmlinuz vga=788 auto=true 'ds=nocloud;s=/cdrom/' --- quiet",
      "linux    /install.amd/vmlinuz priority=low vga=788 auto=true 'ds=nocloud;s=/cdrom/' ---",
    ]);
  });

  it("loses and changes arguments, on both sides of that mark", () => {
    const changed = change(GRUB, DEBIAN_GRUB, { remove: "quiet priority=low", replace: "vga=normal" });
    assert.deepEqual(differing(DEBIAN_GRUB, changed), [
      "linux    /install.amd/vmlinuz vga=normal ---",
      "linux    /install.amd/vmlinuz  vga=normal ---",
    ]);
  });

  const lines: [string, string, string][] = [
    ["a command behind it", "linux /k a; initrd /i", "linux /k a x=y; initrd /i"],
    ["a brace behind it", "menuentry A { linux /k a }", "menuentry A { linux /k a x=y }"],
    ["a line joined to the next", "linux /k a \\\n  b\ninitrd /i", "linux /k a \\\n  b x=y\ninitrd /i"],
    ["words in quotes", "linux /k 'a=b; c' \"d e\"", "linux /k 'a=b; c' \"d e\" x=y"],
    ["a comment", "linux /k a # b\n", "linux /k a x=y # b\n"],
    ["no arguments", "linux /k", "linux /k x=y"],
    ["a command of SUSE's", "$linux /k a", "$linux /k a x=y"],
    ["Windows' line ends", "linux /k a\r\ninitrd /i\r\n", "linux /k a x=y\r\ninitrd /i\r\n"],
    ["a variable for a kernel", "linux ($root)${k} a", "linux ($root)${k} a x=y"],
  ];
  for (const [what, before, after] of lines)
    it(`is understood with ${what}`, () => assert.equal(change(GRUB, before, "x=y"), after));

  it("keeps its commands that start no kernel", () => {
    const text =
      "linux16 /boot/memtest86+x64.bin\nmenuentry linux {\n  chainloader /EFI/BOOT/x.efi\n}\necho linux /k\n";
    assert.equal(change(GRUB, text, "x=y"), text);
    assert.equal(GRUB.isOne("/boot/grub/grub.cfg", text), false);
  });

  it("starts by itself, whether it had a time or waited for ever", () => {
    assert.match(change(GRUB, RED_HAT_GRUB, "a", 1), /^set timeout=1$/m);
    assert.match(change(GRUB, DEBIAN_GRUB, "a", 3), /^set timeout=3\n/);
    assert.equal(change(GRUB, "timeout=60\nlinux /k", "a", 1), "timeout=1\nlinux /k a");
    assert.equal(change(GRUB, "linux /k", "a", 1), "linux /k a");
  });

  it("has one word more for each argument, whatever the argument says", () => {
    const value = fc.string({ unit: fc.constantFrom(...Array.from("ab;${}|&`#()<>!*? =,/")), maxLength: 12 });
    fc.assert(
      fc.property(value, (text) => {
        const args = parseKernelArgs(`k="${text}"`);
        const changed = change(GRUB, "menuentry A {\n  linux /k a\n  initrd /i\n}\n", `k="${text}"`);
        const [, linux, initrd] = readCommands(changed);
        assert.deepEqual(
          linux!.map(({ bare }) => bare),
          ["linux", "/k", "a", `k=${args[0]!.value}`],
        );
        assert.deepEqual(
          initrd!.map(({ bare }) => bare),
          ["initrd", "/i"],
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("a menu of isolinux", () => {
  it("has arguments in every append line of a kernel, and in no other", () => {
    const changed = change(SYSLINUX, RED_HAT_ISOLINUX, {
      append: 'dyndbg="a b" ds=x;y',
      remove: "rd.live.check",
    });
    assert.deepEqual(differing(RED_HAT_ISOLINUX, changed), [
      'append initrd=initrd.img inst.stage2=hd:LABEL=RHEL quiet dyndbg="a b" ds=x;y',
      'append initrd=initrd.img inst.stage2=hd:LABEL=RHEL  quiet dyndbg="a b" ds=x;y',
    ]);
  });

  it("gets an append line where an entry has none", () =>
    assert.equal(
      change(SYSLINUX, "label a\r\n  linux vmlinuz\r\n  initrd i\r\n", "x"),
      "label a\r\n  linux vmlinuz\r\n  append x\r\n  initrd i\r\n",
    ));

  it("has them also where one line holds for all, and where an entry wants none", () =>
    assert.equal(
      change(SYSLINUX, "append a\nlabel one\nkernel k\nlabel two\nkernel k\nAPPEND -\n", "x"),
      "append a x\nlabel one\nkernel k\nlabel two\nkernel k\nAPPEND x\n",
    ));

  it("keeps what goes to another program", () => {
    const text =
      "label a\n  kernel vesamenu.c32\n  append menu.cfg\nlabel b\n  com32 mboot.c32\n  append -c boot.cfg\n";
    assert.equal(change(SYSLINUX, text, "x"), text);
  });

  it("starts by itself, and a kernel where it would have started the disk", () => {
    assert.match(change(SYSLINUX, RED_HAT_ISOLINUX, "x", 1), /^timeout 10$/m);
    assert.match(change(SYSLINUX, "default vesamenu.c32\nlabel a\nkernel k\n", "x", 2), /^timeout 20\n/);
    const text =
      "default harddisk\nlabel harddisk\n  localboot -2\nlabel linux\n  kernel linux\n  append a\ntimeout 600\n";
    assert.equal(
      change(SYSLINUX, text, "x", 1),
      "default linux\nlabel harddisk\n  localboot -2\nlabel linux\n  kernel linux\n  append a x\ntimeout 10\n",
    );
  });

  it("is told from one of GRUB", () => {
    assert.equal(SYSLINUX.isOne("/isolinux/isolinux.cfg", RED_HAT_ISOLINUX), true);
    assert.equal(GRUB.isOne("/isolinux/isolinux.cfg", RED_HAT_ISOLINUX), false);
    assert.equal(GRUB.isOne("/isolinux/a.cfg", "label a\n  linux vmlinuz\n  append x\n"), false);
    assert.equal(SYSLINUX.isOne("/EFI/BOOT/grub.cfg", RED_HAT_GRUB), false);
    assert.equal(GRUB.isOne("/EFI/BOOT/grub.cfg", RED_HAT_GRUB), true);
  });
});

describe("an entry of systemd-boot", () => {
  it("has arguments in its last line of options, and loses them in all", () =>
    assert.equal(
      change(SYSTEMD_BOOT, "linux /k\noptions a b\noptions a c\n", { append: "x", remove: "a" }),
      "linux /k\noptions  b\noptions  c x\n",
    ));

  it("gets a line of options where it has none", () =>
    assert.equal(change(SYSTEMD_BOOT, "linux /k", "x"), "linux /k\noptions x\n"));

  it("starts by itself", () => {
    assert.equal(setLoaderTimeout("default a\ntimeout 15\n", 1), "default a\ntimeout 1\n");
    assert.equal(setLoaderTimeout("default a\n", 1), "timeout 1\ndefault a\n");
  });
});

describe("ESXi's boot.cfg", () => {
  it("has arguments in its one line, and every other line stays", () => {
    const changed = change(ESXI, ESXI_CFG, { append: "ks=cdrom:/KS.CFG", remove: "cdromBoot" }, 1);
    assert.deepEqual(differing(ESXI_CFG, changed), ["timeout=1", "kernelopt=runweasel  ks=cdrom:/KS.CFG"]);
  });

  it("has them also where there were none", () =>
    assert.equal(
      change(ESXI, "kernelopt=\nmodules=a\n", "ks=usb:/KS.CFG"),
      "kernelopt= ks=usb:/KS.CFG\nmodules=a\n",
    ));
});

describe("any menu", () => {
  it("is read without end or harm, whatever stands in it, and stays when nothing is asked for", () => {
    const pieces = [
      "linux",
      "label",
      "append",
      "kernel",
      "options",
      "kernelopt=",
      "menuentry",
      "{",
      "}",
      "'",
      '"',
      "\\",
      "\n",
      "\r\n",
      " ",
      ";",
      "#",
      "---",
      "x=y",
      "set timeout=",
      "\0",
      "\xff",
    ];
    const nothing = readKernelArgsChange("");
    const property = fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (words) => {
      const text = words.join("");
      for (const kind of [GRUB, SYSLINUX, SYSTEMD_BOOT, ESXI]) {
        assert.equal(kind.change(text, { args: nothing, timeoutS: null }).text, text);
        kind.change(text, {
          args: readKernelArgsChange({ append: "a", replace: "x=z", remove: "b" }),
          timeoutS: 1,
        });
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("writes arguments that read the same again", () =>
    assert.equal(parseKernelArgs('a="b c" d').map(writePlainArg).join(" "), 'a="b c" d'));
});
