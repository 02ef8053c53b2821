import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { run } from "./fixture.ts";

const WORDS = ["node", "deploy", "deployment", "doctor", "completion"];

describe("trayload completion", () => {
  /** What bash would offer behind these words. */
  function offered(script: string, ...words: string[]): string[] {
    const list = words.map((word) => `'${word}'`).join(" ");
    const asked = `COMP_WORDS=(trayload ${list}); COMP_CWORD=${words.length}; _trayload; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["--norc", "-c", `${script}\n${asked}`], { encoding: "utf8" })
      .trim()
      .split("\n");
  }

  it("completes commands, options and their values in bash", async () => {
    const { out: script, status } = await run(undefined, ["completion", "bash"]);
    assert.equal(status, 0);
    for (const word of WORDS) assert.ok(offered(script, "").includes(word), word);
    assert.deepEqual(offered(script, "node", "pre"), ["preflight"]);
    assert.deepEqual(offered(script, "deployment", "list", "--st"), ["--state"]);
    assert.ok(offered(script, "deployment", "list", "--state", "").includes("cancelled"));
    assert.deepEqual(offered(script, "deploy", "--finish", "power"), ["powered-on", "powered-off"]);
    assert.deepEqual(offered(script, "node", "list", "--out"), ["--output"]);
    assert.deepEqual(offered(script, "--output", "w"), ["wide"]);
  });

  it("has every command for zsh and fish, too", async () => {
    const { out: zsh } = await run(undefined, ["completion", "zsh"]);
    const { out: fish } = await run(undefined, ["completion", "fish"]);
    assert.match(zsh, /^#compdef trayload$/m);
    assert.match(zsh, /^ {4}"node preflight"\) found=\(.*'--canary:/m);
    for (const word of WORDS) assert.ok(fish.includes(` -f -a ${word} -d `), word);
    assert.match(fish, /__fish_seen_subcommand_from node; and .* -a preflight /);
    assert.equal((await run(undefined, ["completion", "tcsh"])).status, 2);
  });
});
