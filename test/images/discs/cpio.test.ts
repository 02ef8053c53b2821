import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCpio } from "../../../src/images/cpio/write.ts";
import { bytesOf, run, text } from "./bytes.ts";
import { needProgram } from "../../need-program.ts";

const archive = (...files: [path: string, words: string, executable?: boolean][]): Buffer =>
  bytesOf(
    writeCpio(files.map(([path, words, executable = false]) => ({ path, content: text(words), executable })))
      .extents,
  );

describe("an archive for the ramdisk", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "trayload-cpio-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("gives every file byte for byte to cpio, each in its directory", function () {
    needProgram(this, "cpio", "cpio");
    const input = archive(
      ["/preseed.cfg", "d-i debian-installer/locale string C\n"],
      ["/etc/agent.d/one", "1"],
      ["/etc/agent.d/run", "#!/bin/sh\n", true],
      ["/odd", "x".repeat(4097)],
    );
    run("cpio", ["-i", "--quiet", "-d"], { cwd: folder, input });

    assert.equal(input.length % 4, 0);
    assert.equal(readFileSync(join(folder, "preseed.cfg"), "utf8"), "d-i debian-installer/locale string C\n");
    assert.equal(readFileSync(join(folder, "odd"), "utf8"), "x".repeat(4097));
    assert.equal(statSync(join(folder, "etc/agent.d/run")).mode & 0o777, 0o755);
    assert.equal(statSync(join(folder, "etc/agent.d/one")).mode & 0o777, 0o644);
  });

  it("leaves alone what is a link in most ramdisks, and the modes of others", function () {
    needProgram(this, "cpio", "cpio");
    const input = archive(["/lib/modules/x", "x"], ["/tmp/y", "y"], ["/root/.ssh/authorized_keys", "z"]);

    const listed = run("cpio", ["-itv", "--quiet"], { input });

    assert.doesNotMatch(listed, / lib$/m);
    assert.match(listed, /^drwxr-xr-x .* lib\/modules$/m);
    assert.match(listed, /^drwxrwxrwt .* tmp$/m);
    assert.match(listed, /^drwx------ .* root$/m);
  });
});
