import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync, truncateSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { admitDiskImage, inspectImage, type WritableFormat } from "../../../src/images/index.ts";
import { makeDisk } from "../../media/disks.ts";
import { needProgram } from "../../need-program.ts";
import { useFiles } from "./files.ts";

// The other tests make their images themselves.
describe("a disk that qemu-img wrote", () => {
  const files = useFiles();
  before(function () {
    needProgram(this, "qemu-img", "qemu-utils");
  });
  const disk = makeDisk({ efi: true, sizeBytes: 4 * 1024 * 1024 });
  before(() => writeFile(files.path("disk.raw"), disk));

  function convert(name: string, format: string, options = "", packed = false): string {
    const path = files.path(name);
    const given = options === "" ? [] : ["-o", options];
    const args = ["convert", "-t", "unsafe", "-f", "raw", "-O", format, ...given, ...(packed ? ["-c"] : [])];
    execFileSync("qemu-img", [...args, files.path("disk.raw"), path], { stdio: "pipe" });
    return path;
  }

  const qcow2s: [name: string, options: string, packed: boolean][] = [
    ["of version 2", "compat=0.10", false],
    ["with small clusters", "cluster_size=512", false],
    ["with large clusters", "cluster_size=2M", false],
    ["packed", "", true],
    ["packed by zstd", "compression_type=zstd", true],
    ["packed, in large clusters", "cluster_size=2M", true],
    ["with subclusters", "extended_l2=on,cluster_size=128k", false],
  ];
  for (const [name, options, packed] of qcow2s)
    it(`is looked into: a qcow2 ${name}`, async () => {
      const found = await inspectImage(convert("x.qcow2", "qcow2", options, packed));

      assert.deepEqual([found.format, found.danger, found.diskBytes], ["qcow2", null, disk.length]);
      assert.deepEqual([found.disk?.table, found.disk?.hasEfiPartition], ["gpt", true]);
    });

  for (const [name, options, packed] of qcow2s)
    it(`is not taken for whole where its end is missing: a qcow2 ${name}`, async () => {
      const path = convert("cut.qcow2", "qcow2", options, packed);
      truncateSync(path, Math.floor(statSync(path).size / 2));

      assert.match((await inspectImage(path)).danger!, /ends before its data do/);
    });

  const others: [format: WritableFormat, qemu: string, options: string][] = [
    ["vmdk", "vmdk", ""],
    ["vmdk", "vmdk", "subformat=streamOptimized"],
    ["vdi", "vdi", ""],
    ["vhd", "vpc", ""],
    ["vhd", "vpc", "subformat=fixed,force_size=on"],
    ["vhdx", "vhdx", ""],
  ];
  for (const [format, qemu, options] of others)
    it(`is written only where the operator permits it: ${format} ${options}`, async () => {
      const found = await inspectImage(convert(`x.${format}`, qemu, options));
      const terms = { declared: format, kind: "whole-disk", bootMode: "uefi" } as const;

      assert.deepEqual([found.format, found.danger], [format, null]);
      assert.throws(() => admitDiskImage(found, { ...terms, permitted: ["raw", "qcow2"] }), {
        code: "image-format-not-permitted",
      });
      const admitted = admitDiskImage(found, { ...terms, permitted: [format] });
      assert.equal(admitted.format, format);
      assert.match(admitted.warnings[0]!, /cannot be seen/);
    });

  it("is refused when it leads to another file", async () => {
    const base = files.path("disk.raw");
    const create = (name: string, ...args: string[]): string => {
      execFileSync("qemu-img", ["create", ...args, files.path(name), "4M"], { stdio: "pipe" });
      return files.path(name);
    };
    const leading = [
      create("backed.qcow2", "-f", "qcow2", "-b", base, "-F", "raw"),
      create("data.qcow2", "-f", "qcow2", "-o", `data_file=${files.path("data.raw")}`),
      create("flat.vmdk", "-f", "vmdk", "-o", "subformat=monolithicFlat"),
      create("split.vmdk", "-f", "vmdk", "-o", "subformat=twoGbMaxExtentSparse"),
    ];
    for (const path of leading) assert.notEqual((await inspectImage(path)).danger, null, path);
  });
});
