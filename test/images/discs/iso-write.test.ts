import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentOfBytes } from "../../../src/images/content.ts";
import { inspectIso } from "../../../src/images/index.ts";
import { isoNames } from "../../../src/images/iso/names.ts";
import { type IsoPlan, writeIso } from "../../../src/images/iso/write.ts";
import { bytesOf, run, text, writeSparse } from "./bytes.ts";
import { needProgram } from "../../need-program.ts";

const LOADER = text("what firmware loads ".repeat(300));
const FILES: [path: string, content: string][] = [
  ["/boot/loader.img", "what firmware loads ".repeat(300)],
  ["/user-data", "#cloud-config\n"],
  ["/empty", ""],
  ["/openstack/latest/network_data.json", "{}"],
  ["/a/b/c/d/e/f/g/h/i/j/deeper than eight levels.conf.d", "deep"],
  ["/Grüße/✓ ünïcode.txt", "unicode"],
  ["/same-name.txt", "one"],
  ["/same_name.txt", "two"],
  ["/SAME NAME.txt", "three"],
  [`/${"long".repeat(25)}.txt`, "long name"],
  [`/${"long".repeat(25)}.tyt`, "another long name"],
  // More than fits into one block of a directory, in both trees.
  ...Array.from({ length: 90 }, (_, index): [string, string] => [
    `/many/file number ${index}.conf`,
    `${index}`,
  ]),
];
const PLAN: IsoPlan = {
  label: "config-2",
  files: FILES.map(([path, words], index) => ({ path, content: index === 0 ? LOADER : text(words) })),
  boot: [
    { platform: "bios", path: "/boot/loader.img", loadedBytes: 2048 },
    { platform: "efi", path: "/boot/loader.img", loadedBytes: LOADER.sizeBytes },
  ],
};

describe("a new ISO image", () => {
  let folder: string;
  let path: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "trayload-new-iso-"));
    path = join(folder, "new.iso");
    writeFileSync(path, bytesOf(writeIso(PLAN).extents));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("is what its report says, by our own reader", async () => {
    const { sizeBytes, boot } = writeIso(PLAN);
    const report = await inspectIso(path);

    assert.equal(report.volumeLabel, "config-2");
    assert.equal(report.sizeBytes, sizeBytes);
    assert.deepEqual(report.catalogue, boot.catalogue);
    assert.deepEqual(
      report.images.map(({ platform, start }) => ({ platform, start })),
      [
        { platform: "bios", start: boot.images[0]!.start },
        { platform: "efi", start: boot.images[0]!.start },
      ],
    );
    const { start } = boot.images[1]!;
    const loaded = readFileSync(path).subarray(start, start + LOADER.sizeBytes);
    assert.equal(loaded.toString(), FILES[0]![1]);
  });

  it("gives every file byte for byte to xorriso, which reads Rock Ridge", function () {
    needProgram(this, "xorriso", "xorriso");
    run("xorriso", ["-osirrox", "on", "-indev", path, "-extract", "/", join(folder, "out")]);

    for (const [file, words] of FILES)
      assert.equal(readFileSync(join(folder, "out", file), "utf8"), words, file);
    run("chmod", ["-R", "u+w", join(folder, "out")]);
  });

  it("gives every file by its Joliet name to 7z, which finds nothing wrong", function () {
    needProgram(this, "7z", "p7zip-full");
    run("7z", ["x", `-o${join(folder, "joliet")}`, path]);

    for (const [file, words] of FILES.filter(([name]) => !/same|SAME|long/.test(name)))
      assert.equal(readFileSync(join(folder, "joliet", file), "utf8"), words, file);
  });

  it("is the same in both trees and in their path tables to isoinfo", function () {
    needProgram(this, "isoinfo", "genisoimage");
    const rockRidge = run("isoinfo", ["-R", "-f", "-i", path]).split("\n").toSorted();
    const joliet = run("isoinfo", ["-J", "-f", "-i", path]).split("\n").toSorted();
    const directories = rockRidge.filter((name) => rockRidge.some((other) => other.startsWith(`${name}/`)));

    // isoinfo writes Joliet's names in the terminal's old character set, and the longest are cut.
    const plain = (names: string[]): string[] => names.filter((name) => !/[^ -~]|longlong/.test(name));
    assert.deepEqual(plain(rockRidge), plain(joliet));
    assert.equal(rockRidge.filter((name) => name !== "").length, FILES.length + directories.length - 1);
    const tables = run("isoinfo", ["-p", "-i", path]);
    assert.match(tables, /^ *1: +1 [0-9a-f]+ *$/m);
    assert.equal(tables.match(/^ *\d+: /gm)!.length, directories.length);
  });

  it("has both path tables say the same", () => {
    const iso = readFileSync(path);
    for (const descriptor of [16, 18].map((sector) => iso.subarray(sector * 2048, (sector + 1) * 2048))) {
      const bytes = descriptor.readUInt32LE(132);
      const little = iso.subarray(descriptor.readUInt32LE(140) * 2048).subarray(0, bytes);
      const big = iso.subarray(descriptor.readUInt32BE(148) * 2048).subarray(0, bytes);
      for (let at = 0; at < bytes; at += 8 + little[at]! + (little[at]! % 2)) {
        assert.equal(little.readUInt32LE(at + 2), big.readUInt32BE(at + 2));
        assert.equal(little.readUInt16LE(at + 6), big.readUInt16BE(at + 6));
      }
    }
  });

  it("has every name once in each directory, whatever a tree can hold of it", () => {
    const names = ["a-b", "a_b", "A B", "a?b", "a:b", `${"x".repeat(103)}1`, `${"x".repeat(103)}2`];
    const given = isoNames(names.map((name) => ({ name, isDirectory: false })));

    for (const tree of ["real", "iso", "joliet"] as const)
      assert.equal(new Set(given.map((one) => one[tree])).size, names.length, tree);
    assert.ok(given.every(({ iso, joliet }) => iso.length <= 33 && joliet.length <= 103));
  });

  it("has as many bytes behind its last file as GRUB reads at once through a BIOS", () => {
    const tail = readFileSync(path).subarray(-150 * 2048);
    assert.ok(tail.every((byte) => byte === 0));
  });

  it("shares the blocks of files that are the same", () => {
    const shared = contentOfBytes(Buffer.alloc(100_000, "x"));
    const boot = [{ platform: "efi" as const, path: "/a", loadedBytes: 1 }];
    const one = writeIso({ label: "L", boot, files: [{ path: "/a", content: shared }] });
    const two = writeIso({
      label: "L",
      boot,
      files: ["/a", "/b"].map((name) => ({ path: name, content: shared })),
    });

    assert.equal(two.sizeBytes, one.sizeBytes);
  });

  it("holds files of 4 GiB and more in several extents", function () {
    needProgram(this, "xorriso", "xorriso");
    const sizeBytes = 5 * 1024 ** 3 + 1;
    const seam = Buffer.from("across the seam");
    const before = 0xffff_f800 - 7;
    const huge = {
      sizeBytes,
      extents: [
        { kind: "zeros" as const, length: before },
        { kind: "bytes" as const, base64: seam.toString("base64"), length: seam.length },
        { kind: "zeros" as const, length: sizeBytes - before - seam.length },
      ],
    };
    const large = join(folder, "large.iso");
    const { extents } = writeIso({ ...PLAN, files: [...PLAN.files, { path: "/huge", content: huge }] });
    writeSparse(large, extents);

    const listed = run("xorriso", ["-indev", large, "-find", "/huge", "-exec", "lsdl"]);

    assert.match(listed, new RegExp(` ${sizeBytes} .*'/huge'`));
    rmSync(large);
  });

  it("refuses a file that is below another one", () =>
    assert.throws(
      () => writeIso({ ...PLAN, files: [...PLAN.files, { path: "/empty/file", content: text("x") }] }),
      /lies below a file/,
    ));
});
