import { type Answer, NO_CONTENT, ok, refuse, refuseAs } from "../answer.ts";
import { DiscError } from "../disc-reader.ts";
import type { Drive, Insert } from "../drives.ts";
import type { MediaProfile } from "../profile.ts";
import {
  collection,
  type Exchange,
  type Face,
  managerPath,
  propertiesOf,
  type Resources,
  systemPath,
} from "./face.ts";
import { checkInsert, isInsert } from "./insert-request.ts";
import { addIsoConfig, addMountedDrive, isoConfigBody } from "./iso-config.ts";
import { withNextReset } from "./makers-boot.ts";
import { checkInsertLikeSushy, readFailureLikeSushy } from "./sushy-tools.ts";

/** The slots, under the system, under the manager, or both, as the profile has them. */
export function addVirtualMedia(resources: Resources, face: Face): void {
  for (const under of ["system", "manager"] as const) {
    const drives = face.drives.all.filter(({ slot }) => slot.under === under);
    if (drives.length === 0) continue;
    const path = `${under === "system" ? systemPath(face) : managerPath(face)}/${collectionName(face)}`;
    const paths = drives.map(({ slot }) => `${path}/${slot.id}`);
    const listed = () => (face.drives.areListed ? paths : []);
    if (face.profile.media.insertBy === "mount")
      addMountedDrive(resources, drives[0]!, { path, body: configured(path, paths[0]!) });
    else resources.set(path, { GET: () => ok(collection(path, "VirtualMediaCollection", listed())) });
    for (const [index, drive] of drives.entries()) addSlot(resources, face, drive, paths[index]!);
  }
}

/** By the manager's or the system's path, as boards of the maker have it. */
export function collectionName({ profile }: Face): string {
  return profile.media.insertBy === "mount" ? "VM1" : "VirtualMedia";
}

/** A collection that names where to write what is to be mounted. */
function configured(path: string, configuration: string): Record<string, unknown> {
  const extension = "#SmcVirtualMediaExtensions.v1_0_0.VirtualMediaCollection";
  const named = { "@odata.type": extension, VirtualMediaConfig: { "@odata.id": configuration } };
  return { ...collection(path, "VirtualMediaCollection", []), Oem: { Supermicro: named } };
}

function addSlot(resources: Resources, face: Face, drive: Drive, path: string): void {
  const { insertBy } = face.profile.media;
  if (insertBy === "mount") {
    const target = (verb: string) => `${path}/Actions/IsoConfig.${verb}`;
    const bodyOf = (written: { Host: string; Path: string }) => isoConfigBody(path, drive.slot.id, written);
    addIsoConfig(
      resources,
      face,
      drive,
      path,
      { mount: target("Mount"), unmount: target("UnMount") },
      bodyOf,
    );
    return;
  }
  const isPatched = insertBy === "patch";
  resources.set(path, {
    GET: () => ok(slotBody(face, drive, path)),
    ...(isPatched && { PATCH: (exchange: Exchange) => patch(face, drive, exchange) }),
  });
  if (face.profile.boot.makersSwitch === "next-reset" && drive.slot.isBootable)
    resources.set(path, withNextReset(resources.get(path)!, face, face.profile.oem ?? "Hpe"));
  if (isPatched) return;
  if (insertBy === "control") {
    resources.set(controlTarget(path), { POST: (exchange) => controlMedia(face, drive, exchange) });
    return;
  }
  const standards = (verb: string) => `${path}/Actions/VirtualMedia.${verb}Media`;
  const targets = face.profile.media.hasMakersInsert
    ? [standards, (verb: string) => makersTarget(path, verb)]
    : [standards];
  for (const target of targets) {
    resources.set(target("Insert"), { POST: (exchange) => insert(face, drive, exchange) });
    resources.set(target("Eject"), { POST: (exchange) => eject(face, drive, exchange) });
  }
}

function slotBody({ profile }: Face, drive: Drive, path: string): Record<string, unknown> {
  const { insertBy } = profile.media;
  const { image, isInserted } = shown(drive, profile.media);
  const action = (verb: string) => ({ target: `${path}/Actions/VirtualMedia.${verb}` });
  return {
    "@odata.type": "#VirtualMedia.v1_6_0.VirtualMedia",
    "@odata.id": path,
    Id: drive.slot.id,
    Name: "Virtual Media",
    ...(drive.slot.types !== null && { MediaTypes: drive.slot.types }),
    ...(image !== "absent" && { Image: image, ImageName: image?.split("/").at(-1) ?? null }),
    Inserted: isInserted,
    WriteProtected: drive.writeProtected,
    ConnectedVia: isInserted ? "URI" : "NotConnected",
    ...(drive.userName !== null && { UserName: drive.userName, Password: null }),
    ...(profile.media.hasMakersInsert && {
      Oem: {
        Hpe: {
          Actions: {
            "#HpeiLOVirtualMedia.InsertVirtualMedia": { target: makersTarget(path, "Insert") },
            "#HpeiLOVirtualMedia.EjectVirtualMedia": { target: makersTarget(path, "Eject") },
          },
        },
      },
    }),
    ...(insertBy === "control" && {
      Oem: { Huawei: { Actions: { "#VirtualMedia.VmmControl": { target: controlTarget(path) } } } },
    }),
    ...(insertBy === "action" &&
      profile.media.showsActions !== false && {
        Actions: {
          "#VirtualMedia.InsertMedia": action("InsertMedia"),
          "#VirtualMedia.EjectMedia": action("EjectMedia"),
        },
      }),
  };
}

function shown({ image, inserted, stale, last }: Drive, { emptyImage: empty, echoes }: MediaProfile) {
  if (image === null && stale !== null && Date.now() < stale.until)
    return { image: stale.image, isInserted: true };
  const echoed = image !== null && echoes === "without-port" ? image.replace(/:\d+(?=\/)/, "") : image;
  return { image: echoed ?? (empty === "last" ? last : empty), isInserted: inserted };
}

const makersTarget = (path: string, verb: string) =>
  `${path}/Actions/Oem/Hpe/HpeiLOVirtualMedia.${verb}VirtualMedia`;

const controlTarget = (path: string) => `${path}/Oem/Huawei/Actions/VirtualMedia.VmmControl`;

/** Huawei's one action for both (`VmmControlType`). */
export function controlMedia(face: Face, drive: Drive, exchange: Exchange): Promise<Answer> {
  const { VmmControlType: type, ...rest } = propertiesOf(exchange.body) ?? {};
  return type === "Disconnect"
    ? eject(face, drive, exchange)
    : insert(face, drive, { ...exchange, body: type === "Connect" ? rest : undefined });
}

export async function insert(face: Face, drive: Drive, exchange: Exchange): Promise<Answer> {
  const isSushy = face.profile.dialect === "sushy-tools";
  const wanted = isSushy
    ? checkInsertLikeSushy(exchange.body)
    : checkInsert(face.profile, drive, exchange.body);
  if (!isInsert(wanted)) return wanted;
  if (drive.slot.refuses !== undefined) return refuseAs(drive.slot.refuses);
  const busy = busyAnswer(face);
  if (busy !== undefined) return busy;
  if (face.insertsNothing()) return NO_CONTENT;
  return face.answerOf("insert", () => carryOut(face, drive, wanted, exchange));
}

function busyAnswer({ profile, drives }: Face): Answer | undefined {
  const { busyAfterEject } = profile.media;
  if (busyAfterEject === null || Date.now() >= drives.ejectedAt + busyAfterEject.ms) return undefined;
  const { answer } = busyAfterEject;
  if ("messageId" in answer) return refuseAs(answer);
  return { status: answer.status, text: { type: "text/html", content: answer.html } };
}

async function carryOut(face: Face, drive: Drive, wanted: Insert, exchange: Exchange): Promise<Answer> {
  const { gate, drives, profile } = face;
  const done = gate.pass("media", 0, async () => {
    await drives.insert(drive, wanted);
    face.act(exchange, { what: "insert", slot: drive.slot.id, url: wanted.url });
  });
  if (profile.media.answers === "at-once") {
    done.catch((error: unknown) => face.failedLater(error));
    return NO_CONTENT;
  }
  try {
    await done;
    return NO_CONTENT;
  } catch (error) {
    if (!(error instanceof DiscError)) throw error;
    if (profile.dialect === "sushy-tools") return readFailureLikeSushy(error);
    const message = `The image could not be read: ${error.message}.`;
    return refuse(400, "CouldNotEstablishConnection", message, ["Image"]);
  }
}

export async function eject(face: Face, drive: Drive, exchange: Exchange): Promise<Answer> {
  const { profile, host, drives, gate } = face;
  if (profile.media.ejectNeedsBody && propertiesOf(exchange.body) === undefined)
    return refuse(415, "MalformedJSON", "The request needs a JSON body, if an empty one.");
  const image = drive.image;
  if (image === null && profile.media.whenEmpty === "refuse")
    return refuse(400, "ResourceInStandby", "Nothing is inserted that could be ejected.");
  return face.answerOf("eject", async () => {
    const done = gate.pass("media", 0, async () => {
      await drives.eject(drive);
      if (image !== null) face.act(exchange, { what: "eject", slot: drive.slot.id, url: image });
    });
    if (profile.dialect === "sushy-tools") host.setOverride({ ...host.override, target: "Hdd" });
    if (profile.media.answers === "when-done") await done;
    else done.catch((error: unknown) => face.failedLater(error));
    return NO_CONTENT;
  });
}

/** Where there are no actions, `Image` alone says which is meant. */
export function patch(face: Face, drive: Drive, exchange: Exchange): Promise<Answer> {
  const image = propertiesOf(exchange.body)?.["Image"];
  return image === null ? eject(face, drive, exchange) : insert(face, drive, exchange);
}
