import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Steering } from "./control.ts";
import { type AgentOptions, CommandFailure, type Json, objectAt } from "./options.ts";
import { writeImage } from "./write-image.ts";

export const VERSIONS = { generic_hardware_manager: "1.2", SimulatedHardwareManager: "1" };
const CLEAN_PRIORITIES = { erase_devices_metadata: 99, erase_devices: 10 };
const KNOWN_STEPS = ["write_image", ...Object.keys(CLEAN_PRIORITIES)];
const PERMITTED = ["raw", "gpt", "qcow2"];

/** What commands need of the agent that runs them. */
export interface CommandParts {
  options: AgentOptions;
  steering: Steering;
  onBegun: (name: string, params: Json) => void;
  /** An asynchronous command has ended. */
  onEnded: () => void;
  onPower: (action: "off" | "reboot") => void;
  logs: () => string;
}

export type Command = (params: Json, parts: CommandParts) => Promise<Json | null>;
export const EXTENSIONS = ["deploy", "clean", "service", "standby", "log", "poll", "system", "image"];

export const SYNCHRONOUS: Record<string, Command> = {
  "deploy.get_deploy_steps": (_, { options }) => listSteps("deploy", options),
  "clean.get_clean_steps": (_, { options }) => listSteps("clean", options),
  "standby.get_partition_uuids": async () => ({ "root uuid": "0x00000000" }),
  "standby.sync": async () => null,
  "poll.get_hardware_info": async (_, { options }) => inventoryOf(options),
  "log.collect_system_logs": async (_, { logs }) => ({
    system_logs: gzipSync(Buffer.from(logs())).toString("base64"),
  }),
};

export const ASYNCHRONOUS: Record<string, Command> = {
  "deploy.execute_deploy_step": (params, parts) => runStep("deploy", params, parts),
  "clean.execute_clean_step": (params, parts) => runStep("clean", params, parts),
  // Firmware finds the disk of a simulated machine by itself.
  "image.install_bootloader": async () => null,
  "standby.power_off": (_, { onPower }) => power("off", onPower),
  "standby.run_image": (_, { onPower }) => power("reboot", onPower),
};

function power(action: "off" | "reboot", onPower: CommandParts["onPower"]): Promise<null> {
  setImmediate(() => onPower(action));
  return new Promise(() => {});
}

async function listSteps(kind: "deploy" | "clean", options: AgentOptions): Promise<Json> {
  const own = (names: readonly string[]): Json[] =>
    names.map((step) => ({
      step,
      priority: priorityOf(kind, step),
      interface: "deploy",
      reboot_requested: options.steps?.[step]?.reboots === true,
    }));
  const steps = {
    GenericHardwareManager: own(KNOWN_STEPS),
    SimulatedHardwareManager: own(Object.keys(options.steps ?? {})),
  };
  return { [`${kind}_steps`]: steps, hardware_manager_version: VERSIONS };
}

function priorityOf(kind: "deploy" | "clean", step: string): number {
  return kind === "clean" ? ((CLEAN_PRIORITIES as Record<string, number>)[step] ?? 0) : 0;
}

async function runStep(kind: "deploy" | "clean", params: Json, parts: CommandParts): Promise<Json> {
  const version = params[`${kind}_version`];
  if (version !== null && version !== undefined && JSON.stringify(version) !== JSON.stringify(VERSIONS))
    throw new CommandFailure({
      type: "VersionMismatch",
      code: 409,
      message: "Hardware managers version mismatch",
    });
  const step = objectAt(params, "step");
  const name = step["step"];
  if (typeof name !== "string")
    throw new CommandFailure({ type: "CommandExecutionError", message: "Command execution failed: 'step'" });
  if (parts.options.steps?.[name]?.isHeld === true) parts.steering.control.holdSteps();
  await parts.steering.pass();
  const fault = parts.steering.takeFault(name);
  if (fault !== undefined) throw new CommandFailure(fault);
  const result = await runKnown(name, objectAt(step, "args"), objectAt(params, "node"), parts.options);
  return { [`${kind}_result`]: result, [`${kind}_step`]: step };
}

async function runKnown(name: string, args: Json, node: Json, options: AgentOptions): Promise<unknown> {
  if (name === "write_image") return { result: await writeImage(args, node, options.disk, PERMITTED) };
  const own = options.steps?.[name];
  if (own === undefined && !KNOWN_STEPS.includes(name)) {
    const message = `Could not find method on hardware managers: ${name}`;
    throw new CommandFailure({ type: "HardwareManagerMethodNotFound", message });
  }
  if (own?.ms !== undefined) await delay(own.ms, undefined, { ref: false });
  if (own?.fault !== undefined) throw new CommandFailure(own.fault);
  return own?.result ?? null;
}

/** The inventory as inspection posts it. */
export function inventoryOf({ macs, disk }: AgentOptions): Json {
  return {
    interfaces: macs.map((mac, index) => ({
      name: `eth${index}`,
      mac_address: mac,
      ipv4_address: "127.0.0.1",
      has_carrier: true,
      lldp: null,
    })),
    cpu: { model_name: "Simulated", count: 2, architecture: "x86_64", flags: [], socket_count: 1 },
    disks: [
      {
        name: "/dev/sda",
        size: disk.sizeBytes,
        serial: disk.serial ?? null,
        model: disk.model ?? null,
        rotational: false,
      },
    ],
    memory: { total: 4_294_967_296, physical_mb: 4096 },
    system_vendor: { product_name: "Simulated", serial_number: "S1", manufacturer: "Trayload" },
    boot: { current_boot_mode: "uefi", pxe_interface: macs[0] ?? null },
    hostname: "simulated",
  };
}
