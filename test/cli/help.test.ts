import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { EXIT } from "../../src/cli/exit.ts";
import { createProgram } from "../../src/cli/program.ts";
import { createShell } from "../../src/cli/shell.ts";
import { run } from "./fixture.ts";

const nowhere = { isTerminal: false, hasColours: false, columns: 100, write: () => undefined };
const terminal = { env: {}, out: nowhere, err: nowhere } as never;
const program = await createProgram(
  createShell(terminal, () => ({})),
  ["simulate"],
);

/** All commands below this one, with the words that lead there. */
function all(command: Command, path: string[] = []): { command: Command; path: string[] }[] {
  return [{ command, path }, ...command.commands.flatMap((one) => all(one, [...path, one.name()]))];
}

describe("help", () => {
  it("describes every command, option and argument", () => {
    for (const { command, path } of all(program)) {
      const described = [command, ...command.options, ...command.registeredArguments];
      for (const one of described) {
        const text = typeof one.description === "function" ? one.description() : one.description;
        assert.notEqual(text, "", path.join(" "));
      }
    }
  });

  it("shows examples that the commands understand", async () => {
    let examples = 0;
    for (const { path } of all(program)) {
      const { status, out } = await run(undefined, [...path, "--help"]);
      assert.equal(status, 0);
      for (const [, line] of out.matchAll(/^ {2}.*?\btrayload ((?:node|deploy|deployment) .*)$/gm)) {
        examples += 1;
        assertUnderstood(line!);
      }
    }
    assert.ok(examples > 10, `${examples} examples were found`);
  });

  it("has its place in docs/cli.md, where each command and exit status stands", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/cli.md"), "utf8");
    for (const { command, path } of all(program)) {
      if (command.commands.length > 0) continue;
      const [group, ...rest] = path;
      const row = page
        .split("\n")
        .find((line) => line.includes(`\`trayload ${group}`) && line.includes(rest.at(-1) ?? ""));
      assert.notEqual(row, undefined, path.join(" "));
    }
    for (const status of Object.values(EXIT)) assert.match(page, new RegExp(`^\\| ${status} \\|`, "m"));
  });

  it("is shown, with status 2, where a command is missing", async () => {
    const { status, err } = await run(undefined, ["node"]);
    assert.match(err, /Usage: trayload node/);
    assert.equal(status, 2);
  });

  it("shows the version", async () => {
    assert.deepEqual(await run(undefined, ["--version"]), {
      status: 0,
      out: "0.1.0\n",
      err: "",
      json: undefined,
    });
  });
});

/** Follows an example's words to its command, and sees that its options are there. */
function assertUnderstood(line: string): void {
  const words = line.replace(/ {2,}.*$/, "").split(" ");
  let command: Command = program;
  for (const word of words) command = command.commands.find((one) => one.name() === word) ?? command;
  const known = [...program.options, ...command.options].map(({ long }) => long);
  for (const word of words.filter((one) => one.startsWith("--")))
    assert.ok(known.includes(word), `${word} in ${line}`);
}
