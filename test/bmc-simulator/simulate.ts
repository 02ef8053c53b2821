#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from "commander";
import type { Listen } from "./bmc-server.ts";
import { type Lab, startLab } from "./lab.ts";
import type { MachineFactory } from "./machine.ts";
import { modelMachines } from "./model-machine.ts";
import type { Pace } from "./pace.ts";
import { profileNamed, PROFILES } from "./profiles.ts";

/** What can be told to `simulate`; what is not, is as for `startLab`. */
export interface SimulateOptions {
  count?: number;
  /** A profile's name, or "mix". */
  profile?: string;
  /** A folder of recorded resources, served in place of a profile. */
  tree?: string;
  /** A dossier whose BMC is to answer again, in place of a profile. */
  replay?: string;
  /** "model" unless told. */
  machines?: "model" | "qemu";
  listen?: Listen;
  latencyMs?: number;
  /** Between a change that was asked for (power, media) and the change; 0 unless told. */
  paceMs?: number;
  /** Part of the disc, 0 to 1, that a model machine reads; 0.6 unless told. */
  readShare?: number;
  tls?: boolean;
  username?: string;
  password?: string;
}

const NOTES = `
Profiles:
${Object.values(PROFILES)
  .map(({ name, summary }) => `  ${name.padEnd(17)}${summary}`)
  .join("\n")}
  mix              all of them in turn

Prints one JSON line per BMC ({name, address, username, password, macs, profile, controlUrl}, and with --tls its
fingerprint), then "ready". Ends on SIGTERM and SIGINT.

Example:
  trayload simulate --count 3 --profile mix --listen 127.0.0.1:8000 --tls`;

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
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** The command line; `trayload simulate` runs it too. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("Start a lab of simulated BMCs, each an origin of its own, to try Redfish clients on.")
    .option("--count <n>", "how many BMCs", numberOf(1, 10_000), 1)
    .option("--profile <name>", "how they behave; see below", profileOf, "generic")
    .option("--tree <folder>", "serve recorded resources (redfish/v1/…/index.json) in place of a profile")
    .option("--replay <dossier>", "answer as the BMC of a deployment's dossier did")
    .addOption(
      new Option(
        "--machines <kind>",
        "what is behind them: a model that reads its disc, or real QEMU machines",
      )
        .choices(["model", "qemu"])
        .default("model"),
    )
    .option("--listen <host:port>", 'ports from PORT on; 0 for free ones (default: "127.0.0.1:0")', listenOf)
    .option("--latency-ms <ms>", "added to every answer", numberOf(0, 600_000), 0)
    .option(
      "--pace-ms <ms>",
      "until power and media change after they were asked to",
      numberOf(0, 600_000),
      0,
    )
    .option("--read-share <share>", "part of the disc that a model machine reads", numberOf(0, 1, false), 0.6)
    .option("--tls", "HTTPS with a self-signed certificate", false)
    .option("--username <name>", "of every BMC", "admin")
    .option("--password <password>", "of every BMC; random ones unless given")
    .addHelpText("after", NOTES)
    .action((options: SimulateOptions) => simulate(options));
}

/**
 * Starts a lab, says on standard output where it is, and runs it until SIGTERM or SIGINT.
 *
 * @throws RangeError for a profile that does not exist; Error with `code` when it cannot listen
 */
export async function simulate(options: SimulateOptions = {}): Promise<void> {
  const { paceMs = 0, readShare = 0.6, machines: kind, ...rest } = options;
  const machines = kind === "qemu" ? await qemuMachines() : modelMachines({ readShare });
  const pace: Pace = paceMs === 0 ? "instant" : { ms: paceMs };
  const lab = await startLab({ ...rest, machines, pace });
  const told = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  announce(lab);
  await told;
  await lab.stop();
}

function announce({ bmcs, controlUrl }: Lab): void {
  const lines = bmcs.map(({ name, address, username, password, macs, profile, fingerprint }) => {
    const bmc = { name, address, username, password, macs, profile };
    return JSON.stringify({
      ...bmc,
      controlUrl: `${controlUrl}/bmcs/${name}`,
      ...(fingerprint && { fingerprint }),
    });
  });
  process.stdout.write([...lines, "ready", ""].join("\n"));
}

/** Loaded only when wanted, since a lab of models needs none of it. */
async function qemuMachines(): Promise<MachineFactory> {
  const { createQemuMachine } = await import("./qemu-machine.ts");
  return (name) => createQemuMachine({ name });
}

if (import.meta.main) {
  await simulateCommand()
    .parseAsync()
    .catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    });
}
