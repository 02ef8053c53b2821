#!/usr/bin/env node
// Starts the command line on the Node that the lock file brings, whatever Node runs this file (18 or newer).
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED_MAJOR = 24;
const folder = join(dirname(fileURLToPath(import.meta.url)), "..");
/** A clone runs its sources; an installed package has built ones, as Node strips no types below node_modules. */
const main = ["src/cli/main.ts", "dist/src/cli/main.js"].map((file) => join(folder, file)).find(existsSync);

/** The program of the package `node-<platform>-<arch>`; undefined where npm left it out or has none. */
function findBundledNode() {
  const system = process.platform === "win32" ? "win" : process.platform;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${system}-${process.arch}/package.json`);
    const program = join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** Stays in this process where it is the right Node already. */
async function run() {
  const program = findBundledNode();
  if (program !== undefined && realpathSync(program) !== realpathSync(process.execPath)) return runWith(program);
  if (Number(process.versions.node.split(".")[0]) >= NEEDED_MAJOR) {
    process.argv[1] = main;
    return import(pathToFileURL(main).href);
  }
  console.error(
    `trayload needs Node ${NEEDED_MAJOR} or newer; this is ${process.version}, and none came with the dependencies ` +
      "(npm leaves it out with --omit=optional).",
  );
  process.exit(2);
}

function runWith(program) {
  const child = spawn(program, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`trayload could not start ${program}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (status, signal) => process.exit(status ?? 128 + constants.signals[signal]));
}

await run();
