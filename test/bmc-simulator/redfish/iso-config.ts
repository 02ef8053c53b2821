import { type Answer, NO_CONTENT, ok, refuse } from "../answer.ts";
import type { Drive } from "../drives.ts";
import { type Exchange, type Face, propertiesOf, type Resource, type Resources } from "./face.ts";
import { eject, insert } from "./virtual-media.ts";

/**
 * Supermicro's slot of before the standard's actions (`IsoConfig`): where the image lies is written first, then mounted. What
 * is written stays, whether it is mounted or not.
 *
 * @param targets of the actions
 * @param bodyOf the slot's body with what is written
 */
export function addIsoConfig(
  resources: Resources,
  face: Face,
  drive: Drive,
  path: string,
  targets: { mount: string; unmount: string },
  bodyOf: (written: { Host: string; Path: string }) => Record<string, unknown>,
): void {
  let written = { Host: "", Path: "" };
  const resource: Resource = {
    GET: () => ok(bodyOf(written)),
    PATCH({ body }: Exchange): Answer {
      const { Host: host = written.Host, Path: at = written.Path, ...others } = propertiesOf(body) ?? {};
      const [other] = Object.keys(others);
      if (other !== undefined) return refuse(400, "PropertyUnknown", `${other} is unknown.`, [other]);
      written = { Host: String(host), Path: String(at) };
      return NO_CONTENT;
    },
  };
  resources.set(path, resource);
  resources.set(targets.mount, {
    POST: (exchange) => insert(face, drive, { ...exchange, body: { Image: written.Host + written.Path } }),
  });
  resources.set(targets.unmount, { POST: (exchange) => eject(face, drive, exchange) });
}

/**
 * The collection that names such a configuration under Oem, and lists a drive only while something is mounted in it: there
 * are no Members at all otherwise, and the drive answers 200 with nothing.
 *
 * @param collection whose members are given anew
 */
export function addMountedDrive(
  resources: Resources,
  drive: Drive,
  collection: { path: string; body: Record<string, unknown> },
): void {
  const path = `${collection.path}/CD1`;
  const { Members: _members, ...body } = collection.body;
  const members = () => (drive.image === null ? {} : { Members: [{ "@odata.id": path }] });
  resources.set(collection.path, {
    GET: () => ok({ ...body, ...members(), "Members@odata.count": drive.image === null ? 0 : 1 }),
  });
  resources.set(path, {
    GET: () => (drive.image === null ? { status: 200 } : ok(driveBody(path, drive.image))),
  });
}

/** As an X11 showed it, its spelling of ConnectedVia included. */
function driveBody(path: string, image: string): Record<string, unknown> {
  return {
    "@odata.type": "#VirtualMedia.v1_1_0.VirtualMedia",
    "@odata.id": path,
    Id: "CD1",
    Name: "Virtual Removable Media",
    MediaTypes: ["CD", "DVD"],
    Image: image.replace(/^\w+:\/\//, ""),
    ImageName: image.split("/").at(-1),
    Inserted: true,
    WriteProtected: true,
    ConnecteVia: "URI",
  };
}

/** The body of such a slot where there is no recorded one. */
export function isoConfigBody(
  path: string,
  id: string,
  written: { Host: string; Path: string },
): Record<string, unknown> {
  const action = (verb: string) => ({ target: `${path}/Actions/IsoConfig.${verb}` });
  return {
    "@odata.type": "#IsoConfig.v1_0_0.IsoConfig",
    "@odata.id": path,
    Id: id,
    Name: "VM Configuration ISO",
    ...written,
    Username: "",
    Password: null,
    Actions: { "#IsoConfig.Mount": action("Mount"), "#IsoConfig.UnMount": action("UnMount") },
  };
}
