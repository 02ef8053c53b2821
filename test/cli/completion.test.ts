import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { run } from "./fixture.ts";
import { needProgram } from "../need-program.ts";

const WORDS = ["node", "deploy", "deployment", "doctor", "completion"];

type Shell = "bash" | "zsh" | "fish";

/** How to have each shell tell what it would offer behind words, of which the last is begun. */
const ASKING: Record<Shell, (script: string, words: readonly string[]) => string[]> = {
  bash: (script, words) => {
    const given = `COMP_WORDS=(trayload ${quoted(words)}); COMP_CWORD=${words.length}`;
    return ["--norc", "-c", `${script}\n${given}; _trayload; printf '%s\\n' "\${COMPREPLY[@]}"`];
  },
  // In place of what its completion system does with the candidates, of which it leaves out those that begin otherwise.
  zsh: (script, words) => {
    const given = `words=(trayload ${quoted(words)}); CURRENT=${words.length + 1}`;
    const shown = `_describe() { print -rl -- \${\${(P)2}%%:*} }; _files() { : }`;
    return ["-f", "-c", `${given}\n${shown}\n${script}`];
  },
  fish: (script, words) => ["--no-config", "-c", `${script}\ncomplete -C 'trayload ${words.join(" ")}'`],
};

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ");

describe("trayload completion", () => {
  function offered(shell: Shell, script: string, ...words: string[]): string[] {
    const said = execFileSync(shell, ASKING[shell](script, words), { encoding: "utf8" });
    // fish tells what each is for, too.
    return said
      .trim()
      .split("\n")
      .map((line) => line.split("\t", 1)[0]!)
      .filter((word) => word.startsWith(words.at(-1)!))
      .toSorted();
  }

  for (const shell of ["bash", "zsh", "fish"] as const)
    it(`completes commands, options and what may stand behind them in ${shell}`, async function () {
      needProgram(this, shell, shell);
      const { out: script, status } = await run(undefined, ["completion", shell]);
      assert.equal(status, 0);
      const offer = (...words: string[]) => offered(shell, script, ...words);
      for (const word of WORDS) assert.ok(offer("").includes(word), word);
      assert.deepEqual(offer("node", "pre"), ["preflight"]);
      assert.deepEqual(offer("deployment", "list", "--st"), ["--state"]);
      assert.ok(offer("deployment", "list", "--state", "").includes("cancelled"));
      assert.deepEqual(offer("deploy", "--finish", "power"), ["powered-off", "powered-on"]);
      assert.deepEqual(offer("node", "list", "--out"), ["--output"]);
      assert.deepEqual(offer("--output", "w"), ["wide"]);
      assert.deepEqual(offer("completion", "z"), ["zsh"]);
      assert.ok(offer("node", "power", "rack1", "").includes("on"));
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
