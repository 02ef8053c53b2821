import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, run } from "./fixture.ts";

describe("serve", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "serve-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const options = () => [
    "--data-dir",
    folder,
    "--api-listen",
    "127.0.0.1:0",
    "--provision-listen",
    "127.0.0.1:0",
  ];

  it("says where it is, is found with its own token, and ends well on SIGTERM", async () => {
    const { child, said, until, ended } = launch(["serve", ...options(), "--json"]);
    await until("\n");
    const { apiUrl, tokenFile, provisionUrl } = JSON.parse(said.out) as Record<string, string>;
    assert.equal(tokenFile, join(folder, "admin-token"));
    assert.match(provisionUrl!, /^http:\/\/127\.0\.0\.1:\d+$/);

    const env = { TRAYLOAD_DATA_DIR: folder, TRAYLOAD_URL: apiUrl! };
    const listed = await run(undefined, ["node", "list", "--json"], { env });
    assert.equal(listed.status, 0, listed.err);
    const other = ["serve", "--data-dir", `${folder}/other`, "--provision-listen", "127.0.0.1:0"];
    const taken = await run(undefined, [
      ...other,
      "--log-level",
      "silent",
      "--api-listen",
      new URL(apiUrl!).host,
    ]);
    assert.equal(taken.status, 1);
    assert.match(taken.err, /cannot start: .*EADDRINUSE[^]*--api-listen/);

    child.kill("SIGTERM");
    assert.equal(await ended, 0, said.err);
  });

  it("exits 2 when settings cannot stand, and names them", async () => {
    const { status, err } = await run(undefined, ["serve", ...options(), "--log-level", "loud"]);
    assert.match(err, /TRAYLOAD_LOG_LEVEL must be/);
    assert.equal(status, 2);
  });
});
