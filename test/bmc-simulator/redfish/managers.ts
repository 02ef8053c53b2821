import { type Answer, NO_CONTENT, ok, refuse } from "../answer.ts";
import {
  collection,
  type Face,
  link,
  managerPath,
  propertiesOf,
  type Resources,
  ROOT,
  systemPath,
} from "./face.ts";
import { addDellAttributes } from "./makers-boot.ts";
import { collectionName } from "./virtual-media.ts";

/** The BMC itself. */
export function addManagers(resources: Resources, face: Face): void {
  const { profile } = face;
  const path = managerPath(face);
  const hasOwnSlots = profile.media.slots.some(({ under }) => under === "manager");
  const isSushy = profile.dialect === "sushy-tools";
  const hasAttributes = profile.boot.makersSwitch === "dell-attributes";
  const attributes = `${path}/Oem/Dell/DellAttributes/${profile.manager.id}`;
  const body = {
    "@odata.type": "#Manager.v1_18_0.Manager",
    "@odata.id": path,
    Id: profile.manager.id,
    Name: isSushy ? `${face.name}-Manager` : "Manager",
    ManagerType: "BMC",
    Model: profile.manager.model,
    FirmwareVersion: profile.manager.firmwareVersion,
    ServiceEntryPointUUID: face.uuid,
    PowerState: "On",
    Status: { State: "Enabled", Health: "OK" },
    // sushy-tools' manager points at the system's media; it has no collection of its own.
    ...(isSushy && { VirtualMedia: link(`${systemPath(face)}/VirtualMedia`) }),
    ...(hasOwnSlots && { VirtualMedia: link(`${path}/${collectionName(face)}`) }),
    Actions: {
      ...(!isSushy && {
        "#Manager.Reset": { target: resetTarget(path), [RESET_TYPES]: ["GracefulRestart"] },
      }),
      ...(profile.media.listedAfterMs !== null && { Oem: mediaSwitch(path) }),
    },
    Links: {
      ManagerForServers: [link(systemPath(face))],
      ...(hasAttributes && { Oem: { Dell: { DellAttributes: [link(attributes)] } } }),
    },
  };
  if (hasAttributes)
    addDellAttributes(resources, face, attributes, {
      "@odata.id": attributes,
      "@odata.type": "#DellAttributes.v1_0_0.DellAttributes",
      Id: profile.manager.id,
      Name: "OEMAttributeRegistry",
      Attributes: {},
    });
  resources.set(`${ROOT}/Managers`, {
    GET: () => ok(collection(`${ROOT}/Managers`, "ManagerCollection", [path])),
  });
  const switchTarget = (name: string) => `${path}/Actions/Oem/AMIVirtualMedia.${name}`;
  if (profile.media.listedAfterMs !== null)
    addMediaSwitch(resources, face, {
      enable: switchTarget("EnableRMedia"),
      count: switchTarget("ConfigureCDInstance"),
    });
  if (!isSushy) resources.set(resetTarget(path), { POST: ({ body: asked }) => restart(face, asked) });
  resources.set(path, { GET: () => ok({ ...body, DateTime: `${new Date().toISOString().slice(0, 19)}Z` }) });
}

const RESET_TYPES = "ResetType@Redfish.AllowableValues";
const resetTarget = (path: string) => `${path}/Actions/Manager.Reset`;

/** Goes down when the answer is out. */
function restart(face: Face, asked: unknown): Answer {
  if (propertiesOf(asked)?.["ResetType"] !== "GracefulRestart")
    return refuse(400, "ActionParameterValueNotInList", "ResetType is none known.", ["ResetType"]);
  setImmediate(() => face.restart());
  return NO_CONTENT;
}

/** AMI's OEM actions, by which slots come to be listed. */
function mediaSwitch(path: string): Record<string, unknown> {
  const action = (name: string) => ({ target: `${path}/Actions/Oem/${name}` });
  return {
    "#AMIVirtualMedia.EnableRMedia": action("AMIVirtualMedia.EnableRMedia"),
    "#AMIVirtualMedia.ConfigureCDInstance": action("AMIVirtualMedia.ConfigureCDInstance"),
  };
}

/** Where the two are posted to; a tree may show the first alone. */
export interface MediaSwitchTargets {
  enable: string;
  count?: string;
}

export function addMediaSwitch(
  resources: Resources,
  { drives }: Pick<Face, "drives">,
  { enable, count }: MediaSwitchTargets,
): void {
  let isEnabled = false;
  resources.set(enable, {
    POST({ body }) {
      isEnabled = propertiesOf(body)?.["RMediaState"] === "Enable";
      if (isEnabled && count === undefined) drives.list();
      return isEnabled
        ? NO_CONTENT
        : refuse(400, "ActionParameterValueNotInList", "RMediaState is none known.");
    },
  });
  if (count === undefined) return;
  resources.set(count, {
    POST() {
      if (!isEnabled) return refuse(400, "ResourceInStandby", "Remote media is not enabled.");
      drives.list();
      return NO_CONTENT;
    },
  });
}
