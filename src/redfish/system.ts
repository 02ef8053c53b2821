import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { isObject, linksOf, type Loose, readOrMissing, stringAt } from "./json.ts";
import { readMembers, troubleIn } from "./members.ts";

/** The machine that a BMC's address stands for. */
export interface System {
  /** `@odata.id` of the ComputerSystem. */
  path: string;
  id: string;
  /** As the BMC spells them; undefined where it says nothing. */
  manufacturer: string | undefined;
  model: string | undefined;
  serialNumber: string | undefined;
  uuid: string | undefined;
  biosVersion: string | undefined;
  /** `@odata.id`s of the managers that manage it. */
  managers: string[];
}

/**
 * Finds the system to deploy.
 *
 * Several may be listed of which one is the host: a baseboard without a Reset action (NVIDIA GB200), a `Capabilities`
 * pseudo-system (AMI MegaRAC). So only a system that can be reset is a candidate, and of several the one with virtual
 * media of its own or of its manager, after those are left out that are no physical machine or have no boot override.
 *
 * @param wanted a Redfish Id or an `@odata.id`; null to let the tree decide
 * @throws RedfishError `bmc-unsupported` that names the systems when none or several fit; the BMC's own where it could not
 *   tell of one of them and no other fits
 */
export async function findSystem(sender: Sender, wanted: string | null): Promise<System> {
  if (wanted?.startsWith("/")) return readSystem(sender, wanted.replace(/(?<=.)\/+$/, ""));
  const root = (await sender.send("GET", "/redfish/v1/")).body;
  const collection = stringAt(root, "Systems", "@odata.id") ?? "/redfish/v1/Systems";
  const bodies = await readMembers(sender, collection);
  const read = bodies.flatMap(([path, body]) =>
    isObject(body) ? [{ system: toSystem(body, path), body }] : [],
  );
  const systems = read.map(({ system }) => system);
  const chosen = systems.find((system) => system.id === wanted);
  if (chosen !== undefined) return chosen;
  const resettable = wanted === null ? read.filter(({ body }) => resetTarget(body) !== undefined) : [];
  if (resettable.length === 1) return resettable[0]!.system;
  // What is missing may be the one that the BMC cannot tell of.
  const trouble = troubleIn(bodies);
  if (trouble !== undefined && resettable.length === 0) throw trouble;
  if (wanted !== null) fail(`has no system ${wanted}`, systems);
  if (systems.length === 0) fail(`lists no system in ${collection}`, []);
  if (resettable.length === 0) fail("lists no system that can be switched on", systems);
  const { hosts, haveMedia } = await narrow(sender, resettable);
  if (hosts.length === 1) return hosts[0]!.system;
  return fail(
    haveMedia ? "lists several systems" : "lists several systems, none of which links virtual media",
    hosts.map(({ system }) => system),
  );
}

interface Candidate {
  system: System;
  body: Loose;
}

/** Leaves those that look most like a host: a DPU is none, a GPU baseboard has no boot override, nor media. */
async function narrow(
  sender: Sender,
  candidates: Candidate[],
): Promise<{ hosts: Candidate[]; haveMedia: boolean }> {
  const physical = orAll(
    candidates,
    ({ body }) => (stringAt(body, "SystemType") ?? "Physical") === "Physical",
  );
  const bootable = orAll(
    physical,
    ({ body }) => stringAt(body, "Boot", "BootSourceOverrideTarget") !== undefined,
  );
  if (bootable.length === 1) return { hosts: bootable, haveMedia: true };
  const isWithMedia = await Promise.all(bootable.map(({ system, body }) => hasMedia(sender, system, body)));
  const hosts = orAll(bootable, (one) => isWithMedia[bootable.indexOf(one)]!);
  return { hosts, haveMedia: isWithMedia.includes(true) };
}

/** Those that fit, or all where none does. */
function orAll(candidates: Candidate[], fits: (one: Candidate) => boolean): Candidate[] {
  const fitting = candidates.filter(fits);
  return fitting.length > 0 ? fitting : candidates;
}

/** A system whose path is known needs no list. */
async function readSystem(sender: Sender, path: string): Promise<System> {
  const body = await readOrMissing(sender, path);
  return isObject(body) ? toSystem(body, path) : fail(`has no system ${path}`, []);
}

/** Where a Reset is posted; undefined where the resource cannot be reset. */
export function resetTarget(body: unknown): string | undefined {
  return stringAt(body, "Actions", "#ComputerSystem.Reset", "target");
}

/** What a ComputerSystem says of itself. */
export function toSystem(body: unknown, path: string): System {
  return {
    path,
    id: stringAt(body, "Id") ?? path.split("/").at(-1)!,
    manufacturer: stringAt(body, "Manufacturer"),
    model: stringAt(body, "Model"),
    serialNumber: stringAt(body, "SerialNumber"),
    uuid: stringAt(body, "UUID"),
    biosVersion: stringAt(body, "BiosVersion"),
    // Huawei writes Managers where the standard says ManagedBy (field notes, 2.1 row 39).
    managers: ["ManagedBy", "Managers"].flatMap((name) =>
      linksOf(isObject(body) ? body["Links"] : undefined, name),
    ),
  };
}

async function hasMedia(sender: Sender, system: System, body: Loose): Promise<boolean> {
  if (stringAt(body, "VirtualMedia", "@odata.id") !== undefined) return true;
  for (const path of system.managers)
    if (stringAt(await readOrMissing(sender, path), "VirtualMedia", "@odata.id") !== undefined) return true;
  return false;
}

function fail(what: string, systems: System[]): never {
  const ids = systems.map((system) => system.id).join(", ");
  throw new RedfishError(`the BMC ${what}${ids === "" ? "" : `; it lists ${ids}`}`, {
    code: "bmc-unsupported",
    retryable: false,
    hint: "Set bmc.systemId to the Id of the machine to deploy.",
  });
}
