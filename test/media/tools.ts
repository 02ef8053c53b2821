import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What the makers of real media need, and the Debian package that has it. */
const NEEDED: readonly { what: string; package: string }[] = [
  { what: "/usr/lib/grub-rescue/grub-rescue-cdrom.iso", package: "grub-rescue-pc" },
  { what: "grub-mkrescue", package: "grub-common" },
  { what: "/usr/lib/grub/i386-pc", package: "grub-pc-bin" },
  { what: "/usr/lib/grub/x86_64-efi", package: "grub-efi-amd64-bin" },
  { what: "xorriso", package: "xorriso" },
  { what: "mformat", package: "mtools" },
  { what: "busybox", package: "busybox-static" },
  { what: "cpio", package: "cpio" },
  { what: "apt-get", package: "apt" },
];

/** The Debian packages that the makers of media need and that are not there; an empty list when all are. */
export function missingForMedia(): string[] {
  return NEEDED.filter(({ what }) => !isThere(what)).map((needed) => needed.package);
}

/** All packages that {@link missingForMedia} may name. */
export const MEDIA_PACKAGES: readonly string[] = NEEDED.map((needed) => needed.package);

const isThere = (what: string): boolean =>
  what.startsWith("/") ? existsSync(what) : findOnPath(what) !== null;

function findOnPath(tool: string): string | null {
  for (const place of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(place, tool);
    if (existsSync(path)) return path;
  }
  return null;
}

/**
 * Full path of a tool.
 * @throws Error that names its Debian package when it is not on PATH.
 */
export function findTool(tool: string): string {
  const path = findOnPath(tool);
  const needed = NEEDED.find(({ what }) => what === tool);
  if (!path) throw new Error(`${tool} is missing: install Debian's ${needed?.package ?? tool}`);
  return path;
}

/**
 * Runs a tool to its end and gives back its standard output.
 * @throws Error that names the tool and holds the end of what it said.
 */
export function runTool(
  tool: string,
  args: readonly string[],
  { cwd, input }: { cwd?: string; input?: string } = {},
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    tool,
    args,
    { ...(cwd ? { cwd } : {}), maxBuffer: 1 << 26 },
    (error, stdout, stderr) => {
      if (error)
        reject(new Error(`${tool} failed: ${(stderr || error.message).slice(-2000)}`, { cause: error }));
      else resolve(stdout);
    },
  );
  // A tool that ends without reading its input is judged by its exit, not by the broken pipe.
  child.stdin!.on("error", () => undefined).end(input ?? "");
  return promise;
}
