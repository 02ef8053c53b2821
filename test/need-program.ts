import { spawnSync } from "node:child_process";

/** For a test: skips it where a program is not installed, and says which package has it. With CI=true it fails. */
export function needProgram(context: Mocha.Context, program: string, debianPackage: string): void {
  const { error } = spawnSync(program, ["--version"], { stdio: "ignore" });
  if (error === undefined) return;
  if (process.env["CI"] === "true") throw new Error(`${program} is missing: install ${debianPackage}`);
  console.warn(`      skipped, as ${program} is not here: apt-get install ${debianPackage}`);
  context.skip();
}
