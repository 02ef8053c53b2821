import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = join(import.meta.dirname, "simulate.ts");

describe("the simulator by hand", () => {
  let child: ChildProcess | undefined;

  function run(...flags: string[]): ChildProcess {
    child = spawn(process.execPath, [PROGRAM, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    return child;
  }

  /** The JSON lines before "ready". */
  async function announced({ stdout }: ChildProcess): Promise<Record<string, string>[]> {
    const lines: Record<string, string>[] = [];
    for await (const line of createInterface({ input: stdout! })) {
      if (line === "ready") break;
      lines.push(JSON.parse(line) as Record<string, string>);
    }
    return lines;
  }

  afterEach(async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  it("says where its BMCs are, lets them be used and steered, and ends when it is told", async () => {
    const lab = run("--count", "2", "--profile", "mix", "--tls");

    const [first, second] = await announced(lab);

    assert.deepEqual(
      [first, second].map((bmc) => [bmc!["name"], bmc!["profile"]]),
      [
        ["bmc-0001", "generic"],
        ["bmc-0002", "eager"],
      ],
    );
    assert.match(first!["fingerprint"] ?? "", /^sha256:[0-9a-f]{64}$/);
    const seen = (await (await fetch(second!["controlUrl"]!)).json()) as Record<string, string>;
    assert.deepEqual([seen["address"], seen["power"]], [second!["address"], "Off"]);
    lab.kill("SIGTERM");
    assert.deepEqual(await once(lab, "exit"), [0, null]);
  });

  it("refuses a profile that there is not, and names those that there are", async () => {
    const lab = run("--profile", "generous");
    let said = "";
    lab.stderr!.on("data", (chunk) => (said += chunk));

    const [status] = await once(lab, "close");

    assert.notEqual(status, 0);
    assert.match(said, /generous; there are generic, eager, .*, hpe-ilo5, .* and mix/);
  });
});
