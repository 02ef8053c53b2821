import type { AgentInspection } from "../../agent/index.ts";
import type { Node } from "../../nodes/index.ts";

type Loose = Record<string, unknown>;

/** A disk on which a system could be put. */
export interface RootDiskCandidate {
  name: string;
  sizeBytes: number;
  serial: string | null;
  model: string | null;
  wwn: string | null;
  rotational: boolean | null;
  byPath: string | null;
}

/** Something that the node's record says otherwise than the machine. */
export interface Mismatch {
  field: "macs" | "arch" | "bootMode" | "serialNumber";
  recorded: string;
  found: string;
}

/** What an inspection found of a node. */
export interface NodeInventory {
  nodeId: string;
  deploymentId: string;
  at: string;
  /** As the agent spells it. */
  inventory: Loose;
  /** What its other collectors gave. */
  data: Loose;
  /** Smallest first; without hints the agent takes the first. */
  rootDisks: RootDiskCandidate[];
  macs: string[];
  /** What switches told of themselves, by the interface's name: pairs of TLV type and value in hex. */
  lldp: { interface: string; tlvs: [number, string][] }[];
  mismatches: Mismatch[];
}

/** Smaller disks the agent passes over, as Ironic does (4 GiB). */
const ROOT_DISK_BYTES = 4 * 2 ** 30;

/** Makes an inventory of what the agent told, beside what is recorded of the node. */
export function readInventory(
  { inventory, data }: Pick<AgentInspection, "inventory" | "data">,
  node: Node,
  { deploymentId, at }: { deploymentId: string; at: string },
): NodeInventory {
  const interfaces = listOf(inventory["interfaces"]);
  const macs = interfaces.flatMap((one) => textOf(one["mac_address"])?.toLowerCase() ?? []);
  const rootDisks = listOf(inventory["disks"])
    .map(readDisk)
    .filter(({ sizeBytes }) => sizeBytes >= ROOT_DISK_BYTES)
    .toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  const lldp = interfaces.flatMap((one) => {
    const tlvs = one["lldp"];
    return Array.isArray(tlvs) ? [{ interface: String(one["name"]), tlvs: tlvs as [number, string][] }] : [];
  });
  const mismatches = compare(node, inventory, macs);
  return { nodeId: node.id, deploymentId, at, inventory, data, rootDisks, macs, lldp, mismatches };
}

function readDisk(disk: Loose): RootDiskCandidate {
  return {
    name: textOf(disk["name"]) ?? "unknown",
    sizeBytes: typeof disk["size"] === "number" ? disk["size"] : 0,
    serial: textOf(disk["serial"]) ?? null,
    model: textOf(disk["model"]) ?? null,
    wwn: textOf(disk["wwn"]) ?? null,
    rotational: typeof disk["rotational"] === "boolean" ? disk["rotational"] : null,
    byPath: textOf(disk["by_path"]) ?? null,
  };
}

function compare(node: Node, inventory: Loose, macs: readonly string[]): Mismatch[] {
  const missing = node.macs.filter((mac) => !macs.includes(mac));
  const found: [Mismatch["field"], string | null, string | undefined][] = [
    ["arch", node.arch, textOf(objectOf(inventory["cpu"])["architecture"])],
    ["bootMode", node.bootMode, textOf(objectOf(inventory["boot"])["current_boot_mode"])],
    [
      "serialNumber",
      node.observed.serialNumber,
      textOf(objectOf(inventory["system_vendor"])["serial_number"]),
    ],
  ];
  const others = found.flatMap(([field, recorded, seen]) =>
    recorded === null || seen === undefined || recorded === seen ? [] : [{ field, recorded, found: seen }],
  );
  if (missing.length === 0) return others;
  return [{ field: "macs", recorded: node.macs.join(", "), found: macs.join(", ") }, ...others];
}

function listOf(value: unknown): Loose[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function objectOf(value: unknown): Loose {
  return typeof value === "object" && value !== null ? (value as Loose) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
