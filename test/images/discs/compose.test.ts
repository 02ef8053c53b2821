import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Bootloader,
  composeDisc,
  type ComposedDisc,
  type ComposeInput,
  ImageError,
  type ImageErrorCode,
  inspectIso,
  type StoredImage,
} from "../../../src/images/index.ts";
import { emptyFat12 } from "../../media/boot-stubs.ts";
import { bytesOf, run } from "./bytes.ts";
import { needProgram } from "../../need-program.ts";

const KERNEL = Buffer.from("kernel ".repeat(1000));
const RAMDISK = Buffer.from("ramdisk ".repeat(5000));
const ESP = emptyFat12(720);
const BIOS = Buffer.concat([Buffer.alloc(2048, 1), Buffer.alloc(20_001, 2)]);

const noBios = new ImageError("not here", { code: "bootloader-not-found", retryable: false });

describe("a composed disc", () => {
  let folder: string;
  let paths: Map<string, string>;
  let input: ComposeInput;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "trayload-composed-"));
    paths = new Map();
    const efi = { image: stored(ESP), isOurs: true };
    const bios = { image: stored(BIOS), sum: 7, diskCode: Buffer.alloc(440, 0x90) };
    const bootloader: Bootloader = { arch: "x86_64", efi, bios };
    input = {
      kernel: stored(KERNEL),
      ramdisk: stored(RAMDISK),
      bootloader,
      kernelArgs: "console=ttyS0 quiet",
    };
  });
  after(() => rmSync(folder, { recursive: true }));

  function stored(bytes: Buffer): StoredImage {
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const path = join(folder, digest.slice(7, 20));
    writeFileSync(path, bytes);
    paths.set(digest, path);
    return { digest, sizeBytes: bytes.length, path };
  }
  const whole = ({ extents }: ComposedDisc): Buffer => bytesOf(extents, (digest) => paths.get(digest)!);
  const file = (path: string, words = "x") => ({ path, content: Buffer.from(words) });
  function write(disc: ComposedDisc): string {
    const path = join(folder, "disc.iso");
    writeFileSync(path, whole(disc));
    return path;
  }
  /** All files of a disc, by another program. */
  function unpack(disc: ComposedDisc): (path: string) => string {
    const to = mkdtempSync(join(folder, "out-"));
    run("xorriso", ["-osirrox", "on", "-indev", write(disc), "-extract", "/", to]);
    run("chmod", ["-R", "u+w", to]);
    return (path) => readFileSync(join(to, path), "utf8");
  }
  function refuses(change: Partial<ComposeInput>, code: ImageErrorCode, says: RegExp): void {
    assert.throws(
      () => composeDisc({ ...input, ...change }),
      (error) => error instanceof ImageError && error.code === code && says.test(error.message),
    );
  }

  it("boots by both firmwares as our own reader sees it, where it says that they look", async () => {
    const disc = composeDisc(input);
    const { catalogue, images, volumeLabel } = await inspectIso(write(disc));

    assert.deepEqual({ catalogue, images }, disc.boot);
    assert.deepEqual(
      images.map(({ platform }) => platform),
      ["bios", "efi"],
    );
    assert.equal(volumeLabel, disc.label);
    const { start, end } = disc.boot.images[1]!;
    assert.ok(whole(disc).subarray(start, end).equals(ESP));
  });

  it("boots by UEFI alone without GRUB's parts for BIOS, and is refused to a machine that boots by BIOS", async () => {
    const bootloader = { ...input.bootloader, bios: noBios };
    const { images } = await inspectIso(write(composeDisc({ ...input, bootloader })));

    assert.deepEqual(
      images.map(({ platform }) => platform),
      ["efi"],
    );
    refuses({ bootloader, bootMode: "bios" }, "bootloader-not-found", /not here/);
  });

  it("holds kernel, ramdisk and the node's files, byte for byte to another program", function () {
    needProgram(this, "xorriso", "xorriso");
    const shared = stored(Buffer.from("large and kept once"));
    const read = unpack(
      composeDisc({
        ...input,
        files: [file("/etc/node", "only for node 7"), { path: "/shared", content: shared }],
      }),
    );

    assert.equal(read("/boot/vmlinuz"), KERNEL.toString());
    assert.equal(read("/boot/ramdisk"), RAMDISK.toString());
    assert.equal(read("/etc/node"), "only for node 7");
    assert.equal(read("/shared"), "large and kept once");
  });

  it("has GRUB hand over arguments as data, and load the node's archive behind the ramdisk", function () {
    needProgram(this, "xorriso", "xorriso");
    const read = unpack(
      composeDisc({
        ...input,
        kernelArgs: 'a=1 b="two $words; halt" c',
        ramdiskFiles: [file("/preseed.cfg", "d-i x\n")],
      }),
    );

    const config = read("/boot/grub/grub.cfg");
    assert.match(config, /^linux \/boot\/vmlinuz a=1 'b=two \$words; halt' c$/m);
    assert.match(config, /^initrd \/boot\/ramdisk \/boot\/node.cpio$/m);
    assert.equal(read("/EFI/BOOT/grub.cfg"), config);
    const archive = read("/boot/node.cpio");
    assert.match(archive, /preseed\.cfg\0+d-i x\n/);
  });

  it("has a configuration that GRUB's own checker takes", function () {
    needProgram(this, "grub-script-check", "grub-common");
    needProgram(this, "xorriso", "xorriso");
    const config = join(folder, "grub.cfg");
    writeFileSync(
      config,
      unpack(composeDisc({ ...input, kernelArgs: 'a="$(b) `c` ${d} {e} #"' }))("/boot/grub/grub.cfg"),
    );

    run("grub-script-check", [config]);
  });

  it("tells GRUB for BIOS where it lies, and how long it is", () => {
    const disc = composeDisc(input);
    const { start } = disc.boot.images[0]!;
    const image = whole(disc).subarray(start, start + BIOS.length);

    assert.deepEqual(
      [8, 12, 16].map((offset) => image.readUInt32LE(offset)),
      [16, start / 2048, BIOS.length],
    );
    assert.equal(image.readBigUInt64LE(2548), BigInt((start / 2048) * 4 + 5));
    const rest = (bytes: Buffer): Buffer => Buffer.concat([bytes.subarray(64, 2548), bytes.subarray(2556)]);
    assert.ok(rest(image).equals(rest(BIOS)));
  });

  it("is a disk with an ESP and code for a BIOS too", () => {
    const disc = composeDisc(input);
    const [bios, efi] = disc.boot.images;
    const sector = whole(disc).subarray(0, 512);

    assert.equal(sector.readUInt16LE(510), 0xaa55);
    assert.equal(sector[450], 0xef);
    assert.equal(sector.readUInt32LE(454) * 512, efi!.start);
    assert.equal(sector.readUInt32LE(458) * 512, ESP.length);
    assert.equal(sector.readBigUInt64LE(0x1b0) * 512n, BigInt(bios!.start + 2048));
  });

  it("shows no partition with a boot image that knows nothing of the disc around it", () => {
    const bootloader = { ...input.bootloader, efi: { ...input.bootloader.efi, isOurs: false }, bios: noBios };

    assert.ok(
      whole(composeDisc({ ...input, bootloader }))
        .subarray(0, 512)
        .every((byte) => byte === 0),
    );
  });

  it("is equal for equal input, and has another tag for anything else", () => {
    const tags = [
      {},
      { kernelArgs: "quiet" },
      { label: "OTHER" },
      { files: [file("/a", "1")] },
      { files: [file("/a", "2")] },
      { ramdiskFiles: [file("/a", "1")] },
      { kernel: stored(Buffer.from("other kernel")) },
    ].map((change) => composeDisc({ ...input, ...change }).etag);

    assert.equal(new Set(tags).size, tags.length);
    assert.ok(tags.every((tag) => /^[\x21\x23-\x7e]{20,100}$/.test(tag)));
    assert.deepEqual(composeDisc(input), composeDisc(structuredClone(input)));
    assert.equal(composeDisc(input).etag, tags[0]);
  });

  it("costs a few kilobytes of its own, however large what it is made of", () => {
    const ramdisk = { ...input.ramdisk, sizeBytes: 6 * 1024 ** 3 };
    const disc = composeDisc({ ...input, ramdisk, files: [file("/openstack/latest/meta_data.json", "{}")] });

    assert.ok(disc.sizeBytes > ramdisk.sizeBytes);
    assert.ok(JSON.stringify(disc).length < 20_000, `${JSON.stringify(disc).length}`);
  });

  it("has the label that who reads its files looks for, or the one that was asked for", () => {
    const labelOf = (change: Partial<ComposeInput>): string => composeDisc({ ...input, ...change }).label;

    assert.equal(labelOf({}), "VMEDIA_BOOT_ISO");
    assert.equal(labelOf({ files: [file("/openstack/latest/network_data.json")] }), "config-2");
    assert.equal(labelOf({ label: "cidata", files: [file("/openstack/latest/x")] }), "cidata");
    for (const label of ["", " x", "x\n", "x".repeat(33), "ü"])
      refuses({ label }, "disc-label-invalid", /cannot be a volume label/);
  });

  const badPaths: [path: string, says: RegExp][] = [
    ["etc/motd", /does not begin/],
    ["/etc/../boot/vmlinuz", /empty, \. or \.\./],
    ["/etc//motd", /empty/],
    ["/etc/", /empty/],
    ["/a\nb", /control character/],
    ["/a\0b", /control character/],
    [`/${"x".repeat(104)}`, /longer than/],
    [`/${"ü".repeat(61)}`, /longer than/],
    [`/${"abc/".repeat(300)}x`, /longer than/],
    ["/boot/grub/GRUB.cfg", /of the disc itself/],
    ["/boot/vmlinuz/x", /lies below/],
    ["/boot", /lies below/],
  ];
  for (const [path, says] of badPaths)
    it(`refuses the path ${JSON.stringify(path.slice(0, 30))}`, () =>
      refuses({ files: [file(path)] }, "files-invalid", says));

  it("refuses paths that come twice or contradict each other, in the archive too", () => {
    refuses({ files: [file("/a"), file("/a")] }, "files-invalid", /twice/);
    refuses({ ramdiskFiles: [file("/a"), file("/a/b")] }, "files-invalid", /lies below/);
    refuses({ ramdiskFiles: [file("relative")] }, "files-invalid", /does not begin/);
    refuses(
      { files: Array.from({ length: 1001 }, (_, index) => file(`/${index}`)) },
      "files-invalid",
      /too many/,
    );
  });

  it("refuses arguments that are none, and more than Linux reads", () => {
    refuses({ kernelArgs: "a='b'" }, "kernel-args-invalid", /quote/);
    refuses({ kernelArgs: "a\nreboot" }, "kernel-args-invalid", /line break/);
    refuses({ kernelArgs: `a=${"x".repeat(2030)}` }, "kernel-args-invalid", /2\d{3} characters/);
  });
});
