import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = `
  if (process.argv[2] === "wait") {
    process.on("SIGTERM", () => { console.log("drained"); process.exit(3); });
    setInterval(() => {}, 1000);
    console.log("waiting");
  } else {
    const told: string[] = process.argv.slice(2);
    console.log(JSON.stringify({ told, bundled: process.env["BUNDLED"] ?? null }));
    process.exitCode = Number(told[0]);
  }
`;

describe("the launcher", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "launcher-"));
    mkdirSync(join(folder, "bin"));
    mkdirSync(join(folder, "src/cli"), { recursive: true });
    copyFileSync(join(import.meta.dirname, "../bin/trayload.mjs"), join(folder, "bin/trayload.mjs"));
    writeFileSync(join(folder, "src/cli/main.ts"), MAIN);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Lays a Node beside the launcher as npm does; it is this one, and can be told apart. */
  function bundleNode(): void {
    const system = process.platform === "win32" ? "win" : process.platform;
    const place = join(folder, `node_modules/node-${system}-${process.arch}`);
    mkdirSync(join(place, "bin"), { recursive: true });
    writeFileSync(join(place, "package.json"), "{}");
    writeFileSync(join(place, "bin/node"), `#!/bin/sh\nBUNDLED=yes exec "${process.execPath}" "$@"\n`);
    chmodSync(join(place, "bin/node"), 0o755);
  }

  const launch = (...words: string[]) =>
    spawn(process.execPath, [join(folder, "bin/trayload.mjs"), ...words]);

  async function outcome(child: ReturnType<typeof launch>) {
    let said = "";
    child.stdout.on("data", (text: Buffer) => (said += text.toString()));
    const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { status, said };
  }

  it("runs the command line itself where its Node is new enough and none is bundled", async () => {
    const { status, said } = await outcome(launch("4", "--json"));

    assert.deepEqual(JSON.parse(said), { told: ["4", "--json"], bundled: null });
    assert.equal(status, 4);
  });

  it("hands over to the bundled Node, with all words and the exit status", async () => {
    bundleNode();

    const { status, said } = await outcome(launch("5", "a b"));

    assert.deepEqual(JSON.parse(said), { told: ["5", "a b"], bundled: "yes" });
    assert.equal(status, 5);
  });

  it("passes a signal on and waits for what comes of it", async () => {
    bundleNode();
    const child = launch("wait");
    const ended = outcome(child);
    await new Promise((resolve) => child.stdout.once("data", resolve));

    child.kill("SIGTERM");

    assert.deepEqual(await ended, { status: 3, said: "waiting\ndrained\n" });
  });
});
