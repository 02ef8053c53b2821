import assert from "node:assert/strict";
import {
  type AdmittedDiskImage,
  admitBootPart,
  admitDiskImage,
  type DiskImageTerms,
  type ImageErrorCode,
  PERMITTED_FORMATS,
  readPermittedFormats,
} from "../../../src/images/index.ts";
import { emptyFat12 } from "../../media/boot-stubs.ts";
import { makeDisk, makeQcow2 } from "../../media/disks.ts";
import { makeTinyIso } from "../../media/tiny-iso.ts";
import { useFiles } from "./files.ts";
import { makeKernel, makePe } from "./programs.ts";

const TERMS: DiskImageTerms = {
  declared: null,
  permitted: PERMITTED_FORMATS,
  kind: "whole-disk",
  bootMode: "uefi",
};

describe("a disk image", () => {
  const files = useFiles();

  async function admit(bytes: Uint8Array, terms: Partial<DiskImageTerms> = {}): Promise<AdmittedDiskImage> {
    return admitDiskImage(await files.inspect(bytes), { ...TERMS, ...terms });
  }

  async function refusal(
    code: ImageErrorCode,
    bytes: Uint8Array,
    terms: Partial<DiskImageTerms> = {},
  ): Promise<string> {
    let said = "";
    await assert.rejects(admit(bytes, terms), (error: Error & { code?: string; hint?: string }) => {
      assert.equal(error.code, code);
      assert.ok(error.hint !== undefined && error.hint !== "");
      said = error.message;
      return true;
    });
    return said;
  }

  it("is written as what it is, raw whatever its partition table", async () => {
    for (const [bytes, format] of [
      [makeDisk({ efi: true }), "raw"],
      [makeDisk({ table: "mbr", efi: true }), "raw"],
      [makeQcow2(makeDisk({ efi: true })), "qcow2"],
    ] as const)
      assert.deepEqual(await admit(bytes), { format, warnings: [] });
  });

  it("that is an ISO is refused, a hybrid one too, and force does not change that", async () => {
    const hybrid = makeTinyIso();
    makeDisk({ table: "mbr", efi: true, bootCode: true }).copy(hybrid, 0, 0, 512);

    await refusal("iso-not-writable", makeTinyIso());
    await refusal("iso-not-writable", hybrid, { declared: "raw", force: true });
  });

  it("must be of the format that was declared", async () => {
    const disk = makeDisk({ efi: true });

    for (const declared of ["raw", "gpt", null]) await admit(disk, { declared });
    assert.match(await refusal("image-format-mismatch", disk, { declared: "qcow2" }), /declared as qcow2/);
    await refusal("image-format-mismatch", makeQcow2(disk), { declared: "raw" });
    await refusal("image-format-mismatch", makeDisk({ table: "mbr", efi: true }), { declared: "gpt" });
  });

  it("must not be packed, a kernel, text or nothing at all", async () => {
    for (const bytes of [
      Buffer.from("\x1f\x8b\x08", "latin1"),
      makeKernel("x86_64"),
      Buffer.from("hi"),
      Buffer.alloc(0),
    ])
      await refusal("image-format-mismatch", bytes, { force: true });
  });

  it("must be of a format that the operator permits", async () => {
    const qcow2 = makeQcow2(makeDisk({ efi: true }));

    await refusal("image-format-not-permitted", qcow2, { permitted: ["raw"] });
    await refusal("image-format-not-permitted", makeDisk({ efi: true }), { permitted: ["qcow2"] });
    await admit(makeDisk({ efi: true }), { permitted: ["raw"] });
  });

  it("must boot on the node's firmware", async () => {
    const forUefi = makeDisk({ efi: true });
    const forBios = makeDisk({ bootCode: true });

    assert.match(await refusal("image-not-bootable", forBios), /no EFI system partition/);
    assert.match(await refusal("image-not-bootable", makeQcow2(forBios)), /no EFI system partition/);
    assert.match(await refusal("image-not-bootable", forUefi, { bootMode: "bios" }), /no boot code/);
    for (const bootMode of ["bios", null] as const) await admit(forBios, { bootMode });
    assert.match(await refusal("image-not-bootable", makeDisk(), { bootMode: null }), /neither/);
    assert.match(await refusal("image-not-bootable", Buffer.alloc(99_999)), /no partition table/);
  });

  it("is whole: a raw disk to the end of its partitions, a qcow2 to the end of its data", async () => {
    const disks = [
      makeDisk({ efi: true }).subarray(0, 20_992),
      makeDisk({ efi: true, table: "mbr" }).subarray(0, 300_000),
    ];
    for (const cut of disks) {
      assert.match(await refusal("image-not-bootable", cut), /ends before its partitions do/);
      assert.match((await admit(cut, { force: true })).warnings.join(), /cut short/);
      await refusal("image-not-bootable", makeQcow2(cut));
    }
    const qcow2 = makeQcow2(makeDisk({ efi: true }));
    await admit(qcow2);
    for (const bytes of [65_536, 70_000, 150_000, 320_000, qcow2.length - 65_536])
      for (const terms of [{}, { force: true }, { kind: "partition" }] as const)
        assert.match(
          await refusal("image-unsafe", qcow2.subarray(0, bytes), terms),
          /ends before its data do/,
        );
  });

  it("that would not boot is written with force, and the doubt is told", async () => {
    assert.deepEqual(await admit(makeDisk({ bootCode: true }), { force: true }), {
      format: "raw",
      warnings: ["it has no EFI system partition"],
    });
  });

  it("of one partition needs no table, and a whole disk does", async () => {
    const fileSystem = Buffer.alloc(8192);
    fileSystem.write("\x53\xef", 1080, "latin1");

    assert.deepEqual(await admit(fileSystem, { kind: "partition" }), { format: "raw", warnings: [] });
    await refusal("image-not-bootable", fileSystem);
    await refusal("image-not-bootable", emptyFat12(64));
  });
});

describe("a list of permitted formats", () => {
  it("is read as operators write it", () => {
    assert.deepEqual(readPermittedFormats("raw, QCOW2,vmdk"), ["raw", "qcow2", "vmdk"]);
    assert.equal(readPermittedFormats("raw,iso"), undefined);
    assert.equal(readPermittedFormats(""), undefined);
  });
});

describe("a part of a boot", () => {
  const files = useFiles();
  const mismatch = { code: "image-format-mismatch" };

  it("is what its name says, for the node's processor", async () => {
    const kernel = await files.inspect(makeKernel("x86_64"));
    const ramdisk = await files.inspect(Buffer.from("0707010000"));
    const loader = await files.inspect(makePe({ machine: 0xaa64 }));

    admitBootPart(kernel, "kernel", "x86_64");
    admitBootPart(ramdisk, "ramdisk", "aarch64");
    admitBootPart(loader, "bootloader", "aarch64");
    admitBootPart(await files.inspect(emptyFat12(64)), "bootloader", "x86_64");
    assert.throws(() => admitBootPart(ramdisk, "kernel", "x86_64"), mismatch);
    assert.throws(() => admitBootPart(kernel, "ramdisk", "x86_64"), mismatch);
    assert.throws(() => admitBootPart(kernel, "kernel", "aarch64"), mismatch);
    assert.throws(() => admitBootPart(loader, "bootloader", "x86_64"), mismatch);
  });

  it("is whole, as far as its headers tell", async () => {
    const judge = async (bytes: Buffer) => admitBootPart(await files.inspect(bytes), "bootloader", "x86_64");
    const unsigned = { machine: 0x8664, signaturesAt: 0, sections: [".text", ".data"] };
    await judge(makePe(unsigned).subarray(0, 2048));
    await judge(makePe({ ...unsigned, neededBytes: 500 }).subarray(0, 2036));
    const cut = { ...mismatch, message: /cannot be used: it ends before what its headers name/ };
    await assert.rejects(judge(makePe(unsigned).subarray(0, 2047)), cut);
    await judge(makePe({ machine: 0x8664 }));
    await assert.rejects(judge(makePe({ machine: 0x8664 }).subarray(0, 4095)), cut);
  });
});
