import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// What a test writes into a body it knows to be there.
// oxlint-disable-next-line typescript/no-explicit-any
export type Body = Record<string, any>;
export type Tree = Record<string, Body>;

export const SYSTEM = "/redfish/v1/Systems/1";
export const MANAGER = "/redfish/v1/Managers/1";
export const MEDIA = `${MANAGER}/VirtualMedia`;
export const CD = `${MEDIA}/CD1`;
export const link = (path: string) => ({ "@odata.id": path });

export function system(path: string): Body {
  return {
    "@odata.id": path,
    Id: path.split("/").at(-1),
    PowerState: "Off",
    Boot: {
      BootSourceOverrideEnabled: "Disabled",
      BootSourceOverrideTarget: "None",
      "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Cd", "Hdd"],
    },
    Links: { ManagedBy: [link(MANAGER)] },
    Actions: { "#ComputerSystem.Reset": { target: `${path}/Actions/ComputerSystem.Reset` } },
  };
}

export function slot(path: string): Body {
  const action = (name: string) => ({ target: `${path}/Actions/VirtualMedia.${name}` });
  return {
    "@odata.id": path,
    Id: path.split("/").at(-1),
    MediaTypes: ["CD"],
    Image: null,
    Inserted: false,
    Actions: {
      "#VirtualMedia.InsertMedia": action("InsertMedia"),
      "#VirtualMedia.EjectMedia": action("EjectMedia"),
    },
  };
}

/** A plain BMC with one slot, to be made odd. */
export function plainTree(): Tree {
  return {
    "/redfish/v1": { Systems: link("/redfish/v1/Systems"), Managers: link("/redfish/v1/Managers") },
    "/redfish/v1/Systems": { Members: [link(SYSTEM)] },
    "/redfish/v1/Managers": { Members: [link(MANAGER)] },
    [SYSTEM]: system(SYSTEM),
    [MANAGER]: { "@odata.id": MANAGER, Id: "1", VirtualMedia: link(MEDIA) },
    [MEDIA]: { Members: [link(CD)] },
    [CD]: slot(CD),
  };
}

/** Writes a tree as a lab takes it. */
export function writeTree(folder: string, tree: Tree): void {
  for (const [path, body] of Object.entries(tree)) {
    mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, path, "index.json"), JSON.stringify(body));
  }
}
