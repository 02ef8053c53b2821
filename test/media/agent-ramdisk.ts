import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { makeCertificate } from "../bmc-simulator/certificate.ts";
import { makeOnce } from "./cache.ts";
import { getKernel } from "./kernel.ts";
import { getPackages } from "./packages.ts";
import { findTool, runTool } from "./tools.ts";

const FILES = join(import.meta.dirname, "agent");
/** Libraries that Python's interpreter and its ssl module need, as Debian's packages depend on them. */
const DEPENDED_ON = [/^libc6$/, /^zlib1g$/, /^libexpat1$/, /^libssl3/, /^libbz2/, /^liblzma5$/];
/** Of Python's library; an agent needs no compiler, no database and no tests. */
const LEFT_OUT = [
  "ensurepip",
  "idlelib",
  "lib2to3",
  "pydoc_data",
  "sqlite3",
  "test",
  "tkinter",
  "unittest",
  "curses",
];

/**
 * Gives the paths of Debian's kernel and of an initramfs with an agent that really writes its machine's disk: Python out of
 * Debian's packages, downloaded and not installed.
 */
export async function makeAgentRamdisk(): Promise<{ kernel: string; ramdisk: string }> {
  const kernel = await getKernel();
  const python = await getPython();
  const own = ["init", "agent.py"].map((name) => readFileSync(join(FILES, name), "utf8"));
  const ramdisk = await makeOnce("agent-initramfs", [kernel, python, own], async (path) => {
    const root = join(dirname(path), "root");
    mkdirSync(join(root, "bin"), { recursive: true });
    cpSync(python, root, { recursive: true, verbatimSymlinks: true });
    copyFileSync(findTool("busybox"), join(root, "bin/busybox"));
    cpSync(join(kernel, "modules"), join(root, "modules"), { recursive: true });
    writeFileSync(join(root, "init"), own[0]!, { mode: 0o755 });
    writeFileSync(join(root, "agent.py"), own[1]!);
    const { key, cert } = makeCertificate();
    writeFileSync(join(root, "key.pem"), key);
    writeFileSync(join(root, "certificate.pem"), cert);
    writeFileSync(path, await packArchive(root));
  });
  return { kernel: join(kernel, "vmlinuz"), ramdisk };
}

/** A folder as an initramfs. */
async function packArchive(root: string): Promise<Buffer> {
  const archive = join(dirname(root), "archive");
  const names = await runTool("find", ["."], { cwd: root });
  const how = ["-o", "-H", "newc", "-R", "0:0", "--quiet", "-F", archive];
  await runTool("cpio", how, { cwd: root, input: names });
  return gzipSync(readFileSync(archive));
}

/** A folder with `usr/bin/python3` and what it needs, as the root of a system has it. */
async function getPython(): Promise<string> {
  const minimal = /python3\.\d+-minimal/.exec(
    await runTool("apt-cache", ["depends", "python3-minimal"]),
  )?.[0];
  if (minimal === undefined) throw new Error("apt knows no python3-minimal: run apt-get update first");
  const library = `lib${minimal.replace("-minimal", "-stdlib")}`;
  const own = [minimal, `lib${minimal}`, library];
  const depends = await runTool("apt-cache", ["depends", ...own]);
  const all = [...depends.matchAll(/Depends: (\S+)/g)].map(([, name]) => name!);
  const needed = [...new Set(all)].filter((name) => DEPENDED_ON.some((pattern) => pattern.test(name)));
  const unpacked = await getPackages("python", [...own, ...needed]);
  return makeOnce("python-root", [unpacked, LEFT_OUT], async (folder) => {
    const name = minimal.replace("-minimal", "");
    mkdirSync(join(folder, "usr/bin"), { recursive: true });
    copyFileSync(join(unpacked, "usr/bin", name), join(folder, "usr/bin/python3"));
    const left = new RegExp(`^(?:${LEFT_OUT.join("|")}|config-.*|__pycache__)$`);
    cpSync(join(unpacked, "usr/lib", name), join(folder, "usr/lib", name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !left.test(path.split("/").at(-1)!),
    });
    for (const place of ["lib64", "lib", "usr/lib"]) copyLibraries(unpacked, folder, place);
  });
}

/** Shared libraries in a place for them, and the links that name them. */
function copyLibraries(from: string, to: string, place: string): void {
  for (const found of globSync([`${place}/*/*.so*`, `${place}/ld-*.so*`], { cwd: from })) {
    mkdirSync(join(to, dirname(found)), { recursive: true });
    cpSync(join(from, found), join(to, found), { verbatimSymlinks: true });
  }
}
