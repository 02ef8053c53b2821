import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, rmSync } from "node:fs";
import { delimiter, join } from "node:path";

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Leaves nothing behind when the process ends without having closed its machines. */
function endAll(): void {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
process.once("exit", endAll);

/** Full path of a program on PATH; null when it is not there. */
export function findProgram(name: string): string | null {
  const places = (process.env["PATH"] ?? "").split(delimiter).filter((place) => place !== "");
  // Debian keeps some tools where an ordinary user's PATH does not look.
  for (const place of [...places, "/usr/sbin", "/sbin"]) {
    try {
      accessSync(join(place, name), constants.X_OK);
      return join(place, name);
    } catch {
      // Not in this place.
    }
  }
  return null;
}

/**
 * Starts a child that cannot outlive this process, however that ends: the kernel kills it with its parent where
 * setpriv (util-linux) can ask for that; elsewhere it is killed when Node exits.
 */
export function startChild(program: string, args: readonly string[]): ChildProcess {
  const setpriv = findProgram("setpriv");
  const [command, all] = setpriv ? [setpriv, ["--pdeathsig", "KILL", program, ...args]] : [program, args];
  const child = spawn(command, all, { stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

/** Has a folder removed when the process ends early. Gives back what undoes that, after removing the folder. */
export function keepUntilExit(folder: string): () => void {
  folders.add(folder);
  return () => {
    folders.delete(folder);
    rmSync(folder, { recursive: true, force: true });
  };
}
