import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const REPOSITORY = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** Installs from the package registry, as whoever is given the tarball does. */
describe("the package", () => {
  let folder: string;
  const trayload = () => join(folder, "node_modules/.bin/trayload");
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trayload-package-"));
    const packed = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: REPOSITORY });
    // The scripts of a package may print before npm does.
    const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf("[\n"))) as [
      { filename: string },
    ];
    await writeFile(join(folder, "package.json"), "{}");
    await run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", `./${filename}`], {
      cwd: folder,
    });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("runs the main job from an empty folder", async () => {
    const { stdout } = await run(trayload(), ["demo"], { cwd: folder });
    assert.match(stdout, /succeeded after .* proven by inserted, powered-on, first-byte, callback/);
  });

  it("has the version that it says", async () => {
    const { version } = JSON.parse(await readFile(join(REPOSITORY, "package.json"), "utf8")) as {
      version: string;
    };
    const { stdout } = await run(trayload(), ["--version"], { cwd: folder });
    assert.equal(stdout.trim(), version);
  });

  it("serves the dashboard", async () => {
    const env = {
      ...process.env,
      TRAYLOAD_DATA_DIR: join(folder, "data"),
      TRAYLOAD_API_LISTEN: "127.0.0.1:0",
      TRAYLOAD_PROVISION_LISTEN: "127.0.0.1:0",
      TRAYLOAD_LOG_LEVEL: "warn",
    };
    const server = spawn(trayload(), ["serve"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(server, "exit");
    try {
      const url = await firstUrl(server.stdout);
      const page = await (await fetch(url)).text();
      const script = /\/assets\/page-\w+\.js/.exec(page)?.[0];
      assert.ok(script, page);
      const answer = await fetch(new URL(script, url));
      assert.equal(answer.status, 200);
      assert.ok((await answer.text()).length > 10_000);
    } finally {
      server.kill();
      await ended;
    }
  });

  it("gives programs the server with its types", async () => {
    await writeFile(
      join(folder, "use.ts"),
      'import { startTrayload, type Trayload } from "trayload";\nexport const ended = async (of: Trayload) => of.stop();\nexport { startTrayload };\n',
    );
    const tsc = join(REPOSITORY, "node_modules/.bin/tsc");
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--skipLibCheck"];
    await run(tsc, [...flags, "use.ts"], { cwd: folder });
    const uses = 'import { startTrayload } from "trayload"; console.log(typeof startTrayload);';
    const told = await run(process.execPath, ["--input-type=module", "-e", uses], { cwd: folder });
    assert.equal(told.stdout.trim(), "function");
  });
});

/** The address of the API, of the first line that names one. */
async function firstUrl(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error("the server ended without a word of its address");
}
