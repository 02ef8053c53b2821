import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { createClient } from "../../src/client/index.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const run = promisify(execFile);
const tsc = join(REPOSITORY, "node_modules/.bin/tsc");
const TSC_FLAGS = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--skipLibCheck"];
const URL_IN_A_LINE = /http:\/\/127\.0\.0\.1:\d+/;

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

  /** Starts a program of the package and ends it once `use` is done with the first address that it names. */
  async function withProgram(
    args: string[],
    use: (url: string, rest: string) => Promise<void>,
  ): Promise<void> {
    const env = {
      ...process.env,
      TRAYLOAD_DATA_DIR: join(folder, "data"),
      TRAYLOAD_API_LISTEN: "127.0.0.1:0",
      TRAYLOAD_PROVISION_LISTEN: "127.0.0.1:0",
      TRAYLOAD_IMAGE_ALLOW: folder,
      TRAYLOAD_LOG_LEVEL: "warn",
    };
    const program = spawn(trayload(), args, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(program, "exit");
    try {
      const line = await firstLine(program.stdout);
      await use(URL_IN_A_LINE.exec(line)![0], line);
    } finally {
      program.kill();
      await ended;
    }
  }

  it("serves the dashboard", () =>
    withProgram(["serve"], async (url) => {
      const page = await (await fetch(url)).text();
      const script = /\/assets\/page-\w+\.js/.exec(page)?.[0];
      assert.ok(script, page);
      const answer = await fetch(new URL(script, url));
      assert.equal(answer.status, 200);
      assert.ok((await answer.text()).length > 10_000);
    }));

  it("gives programs a typed client, by which the example deploys a machine", async () => {
    await copyFile(join(REPOSITORY, "examples/client.mts"), join(folder, "client.mts"));
    const types = ["--types", "node", "--typeRoots", join(REPOSITORY, "node_modules/@types")];
    await run(tsc, [...TSC_FLAGS, ...types, "client.mts"], { cwd: folder });
    const isoFile = join(folder, "tiny.iso");
    await writeFile(isoFile, makeTinyIso());
    await withProgram(["simulate", "--count", "1"], (_bmc, line) =>
      withProgram(["serve"], async (url) => {
        const { address, username, password } = JSON.parse(line) as Record<string, string>;
        const token = (await readFile(join(folder, "data/admin-token"), "utf8")).trim();
        const client = createClient({ url, token });
        const bmc = { address: address!, username: username!, password: password! };
        await client.call("POST /v1/nodes", { body: { name: "one", bmc } });
        const env = { ...process.env, TRAYLOAD_URL: url, TRAYLOAD_TOKEN: token };
        const told = await run(process.execPath, ["client.mts", "one", `file://${isoFile}`], {
          cwd: folder,
          env,
        });
        assert.match(told.stdout, /^dep_\w+ is accepted$/m);
        assert.match(told.stdout, /^succeeded: /m);
      }),
    );
  });

  it("gives programs the server with its types", async () => {
    await writeFile(
      join(folder, "use.ts"),
      'import { startTrayload, type Trayload } from "trayload";\nexport const ended = async (of: Trayload) => of.stop();\nexport { startTrayload };\n',
    );
    await run(tsc, [...TSC_FLAGS, "use.ts"], { cwd: folder });
    const uses = 'import { startTrayload } from "trayload"; console.log(typeof startTrayload);';
    const told = await run(process.execPath, ["--input-type=module", "-e", uses], { cwd: folder });
    assert.equal(told.stdout.trim(), "function");
  });
});

/** The first line that names an address. */
async function firstLine(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(output)) if (URL_IN_A_LINE.test(line)) return line;
  throw new Error("the server ended without a word of its address");
}
