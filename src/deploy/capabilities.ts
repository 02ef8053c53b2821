import type { NodeCapabilities, NodeObserved } from "../nodes/index.ts";
import { type BmcDescription, waysInto } from "../redfish/index.ts";

/** What a description tells of a node, for people and lists; `systemPath` is for whoever may claim the system. */
export function seenIn(description: BmcDescription, at: string): Partial<NodeObserved> {
  const { system, state } = description;
  return {
    power: state.power,
    reachable: true,
    seenAt: at,
    manufacturer: system.manufacturer ?? null,
    model: system.model ?? null,
    serialNumber: system.serialNumber ?? null,
    bmcHealth: state.health ?? null,
    capabilities: capabilitiesOf(description, at),
  };
}

function capabilitiesOf(description: BmcDescription, at: string): NodeCapabilities {
  const { redfishVersion, system, managers, slots, lack, boot, reset, state, quirks, preferred } =
    description;
  return {
    at,
    redfishVersion: redfishVersion ?? null,
    biosVersion: system.biosVersion ?? null,
    managers: managers.map(({ path, model, firmwareVersion }) => ({
      path,
      model: model ?? null,
      firmwareVersion: firmwareVersion ?? null,
    })),
    slots: slots.map((slot) => ({
      path: slot.path,
      under: slot.under,
      types: [...slot.types],
      takesDisc: slot.takesDisc,
      ways: waysInto(slot),
    })),
    lack: lack ?? null,
    httpBoot: description.httpBoot?.path ?? null,
    bootTargets: boot.targets ?? null,
    resetTypes: reset.types ?? null,
    hasBootProgress: state.bootProgress !== undefined,
    quirks,
    preferred: preferred ?? null,
  };
}
