#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from "commander";
import type { Listen } from "./bmc-server.ts";
import { type Lab, startLab } from "./lab.ts";
import type { MachineFactory } from "./machine.ts";
import { modelMachines } from "./model-machine.ts";
import type { Pace } from "./pace.ts";
import { profileNamed, PROFILES } from "./profiles.ts";

interface Options {
  count: number;
  profile: string;
  machines: "model" | "qemu";
  listen: Listen;
  latencyMs: number;
  powerMs: number;
  readShare: number;
  tls: boolean;
  username: string;
  password?: string;
}

const NOTES = `
Profiles:
${Object.values(PROFILES)
  .map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`)
  .join("\n")}
  mix       all of them in turn

Prints one JSON line per BMC ({name, address, username, password, macs, profile}), then one with the control
face's URL (and the certificate's fingerprint with --tls), then "ready". Ends on SIGTERM and SIGINT.

Example:
  node test/bmc-simulator/simulate.ts --count 3 --profile mix --listen 127.0.0.1:8000 --tls`;

function numberOf(least: number, most: number, isWhole = true) {
  return (text: string): number => {
    const value = Number(text);
    if (text === "" || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
    return value;
  };
}

function listenOf(text: string): Listen {
  const [, host, port] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new InvalidArgumentError("Give HOST:PORT.");
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

function profileOf(text: string): string {
  try {
    return text === "mix" ? text : profileNamed(text).name;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `There is ${error.message}.` : String(error));
  }
}

/** The command line; `trayload simulate` runs it too. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("Start a lab of simulated BMCs, each an origin of its own, to try Redfish clients on.")
    .option("--count <n>", "how many BMCs", numberOf(1, 10_000), 1)
    .option("--profile <name>", "how they behave; see below", profileOf, "generic")
    .addOption(
      new Option(
        "--machines <kind>",
        "what is behind them: a model that reads its disc, or real QEMU machines",
      )
        .choices(["model", "qemu"])
        .default("model"),
    )
    .option("--listen <host:port>", "ports from PORT on; 0 for free ones", listenOf, {
      host: "127.0.0.1",
      port: 0,
    })
    .option("--latency-ms <ms>", "added to every answer", numberOf(0, 600_000), 0)
    .option("--power-ms <ms>", "between a Reset and the change of power", numberOf(0, 600_000), 0)
    .option("--read-share <share>", "part of the disc that a model machine reads", numberOf(0, 1, false), 0.6)
    .option("--tls", "HTTPS with a self-signed certificate", false)
    .option("--username <name>", "of every BMC", "admin")
    .option("--password <password>", "of every BMC; random ones unless given")
    .addHelpText("after", NOTES)
    .action(simulate);
}

async function simulate(options: Options): Promise<void> {
  const { powerMs, readShare, machines: kind, ...rest } = options;
  const machines = kind === "qemu" ? await qemuMachines() : modelMachines({ readShare });
  const pace: Pace = powerMs === 0 ? "instant" : { ms: powerMs };
  const lab = await startLab({ ...rest, machines, pace });
  announce(lab);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  await lab.stop();
}

function announce({ bmcs, controlUrl, fingerprint }: Lab): void {
  const lines = bmcs.map(({ name, address, username, password, macs, profile }) =>
    JSON.stringify({ name, address, username, password, macs, profile }),
  );
  lines.push(JSON.stringify({ controlUrl, ...(fingerprint !== null && { fingerprint }) }), "ready", "");
  process.stdout.write(lines.join("\n"));
}

/** Loaded only when wanted, since it needs a hypervisor. */
async function qemuMachines(): Promise<MachineFactory> {
  const path = "./qemu-machine.ts";
  const { createQemuMachine } = (await import(path)) as { createQemuMachine: MachineFactory };
  return createQemuMachine;
}

if (import.meta.main) {
  await simulateCommand()
    .parseAsync()
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
}
