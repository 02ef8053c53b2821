import assert from "node:assert/strict";
import fc from "fast-check";
import { ImageError, parseKernelArgs, readKernelArgsChange } from "../../src/images/index.ts";
import { changeKernelArgs, writeGrubArg, writePlainArg } from "../../src/images/kernel-args.ts";

const plain = (text: string): string => parseKernelArgs(text).map(writePlainArg).join(" ");
const grub = (text: string): string => parseKernelArgs(text).map(writeGrubArg).join(" ");
const refusal = (text: string): string => {
  try {
    parseKernelArgs(text);
  } catch (error) {
    assert.ok(error instanceof ImageError, String(error));
    assert.equal(error.code, "kernel-args-invalid");
    assert.equal(error.retryable, false);
    return error.message;
  }
  return assert.fail(`${JSON.stringify(text)} was taken`);
};

describe("kernel arguments", () => {
  it("are words between blanks", () => {
    assert.deepEqual(parseKernelArgs("  quiet\tconsole=ttyS0,115200n8  x= "), [
      { name: "quiet", value: null },
      { name: "console", value: "ttyS0,115200n8" },
      { name: "x", value: "" },
    ]);
    assert.deepEqual(parseKernelArgs(""), []);
  });

  it("may have blanks in a value, by either way of the kernel to quote it", () => {
    const expected = [{ name: "dyndbg", value: "file a.c +p" }];
    assert.deepEqual(parseKernelArgs('dyndbg="file a.c +p"'), expected);
    assert.deepEqual(parseKernelArgs('"dyndbg=file a.c +p"'), expected);
    assert.equal(plain('"dyndbg=file a.c +p"'), 'dyndbg="file a.c +p"');
    assert.equal(grub('dyndbg="file a.c +p"'), "'dyndbg=file a.c +p'");
  });

  it("are no commands of GRUB, whatever stands in them", () => {
    assert.equal(grub("ds=nocloud;s=/cdrom/nocloud/"), "'ds=nocloud;s=/cdrom/nocloud/'");
    assert.equal(
      grub("a=$root b={x} c=`id` d=x&y e=a|b f=<x> g=#z"),
      "'a=$root' 'b={x}' 'c=`id`' 'd=x&y' 'e=a|b' 'f=<x>' 'g=#z'",
    );
    assert.equal(
      grub("ip=10.0.0.2::10.0.0.1:255.255.255.0:h:eth0:off"),
      "ip=10.0.0.2::10.0.0.1:255.255.255.0:h:eth0:off",
    );
  });

  const refused: [string, string, RegExp][] = [
    ["a line break", "quiet\nmenuentry x {}", /line break/],
    ["a NUL", "quiet\0", /control character/],
    ["what is not ASCII", "name=größe", /not ASCII/],
    ["an open quote", 'a="b c', /no kernel argument|Quotes|quote/],
    ["a quote within a value", 'a=b"c"d', /quote/],
    ["a quoted word without a value", '"a b"', /Quotes/],
    ["a single quote", "a=b'c", /quote or backslash/],
    ["a backslash", "a=b\\x20c", /quote or backslash/],
    ["the end of the kernel's own arguments", "--- quiet", /no kernel argument/],
    ["a variable for a name", "$root=x", /no kernel argument/],
    ["another command", "; reboot", /no kernel argument/],
    ["a ramdisk", "initrd=/evil.img", /boot loader/],
    ["more than a kernel takes", "a".repeat(2048), /2048 characters/],
  ];
  for (const [what, text, said] of refused)
    it(`are refused with ${what}`, () => assert.match(refusal(text), said));

  it("are appended, removed and replaced by name, or by name and value", () => {
    const present = parseKernelArgs("quiet console=tty0 console=ttyS1 rd.live.check splash root=a");
    const change = readKernelArgsChange({
      append: "inst.ks=cdrom:/ks.cfg",
      remove: "quiet console=ttyS1 rd.live.check absent",
      replace: "root=b lang=en",
    });
    assert.equal(
      changeKernelArgs(present, change).map(writePlainArg).join(" "),
      "console=tty0 splash root=b lang=en inst.ks=cdrom:/ks.cfg",
    );
  });

  it("of one name are replaced together, where the first of them stood", () => {
    const change = readKernelArgsChange({ replace: "console=tty1 console=ttyS0" });
    const changed = changeKernelArgs(parseKernelArgs("a console=x b console=y c"), change);
    assert.equal(changed.map(writePlainArg).join(" "), "a console=tty1 console=ttyS0 b c");
  });

  it("are appended where the request is only a string", () =>
    assert.deepEqual(readKernelArgsChange("a b=c"), {
      append: [
        { name: "a", value: null },
        { name: "b", value: "c" },
      ],
      remove: [],
      replace: [],
    }));

  it("read the same again after they were written, and GRUB sees one word each, whatever they are", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from("ab=\"' \t;$\\{}|&`#-0./\n")) });
    const property = fc.property(text, (written) => {
      let args;
      try {
        args = parseKernelArgs(written);
      } catch (error) {
        assert.ok(error instanceof ImageError);
        return;
      }
      assert.deepEqual(parseKernelArgs(args.map(writePlainArg).join(" ")), args);
      for (const arg of args) assert.match(writeGrubArg(arg), /^(?:'[^'\\"\n]*'|[A-Za-z0-9._:/,=@%+-]+)$/);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
