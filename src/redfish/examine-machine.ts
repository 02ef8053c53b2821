import { readAllowed } from "./action-info.ts";
import type { BmcDescription } from "./bmc.ts";
import { overrideTargetFor } from "./boot.ts";
import type { Sender } from "./client.ts";
import { describeBmc } from "./describe.ts";
import { type Check, type Examination, outcome, outcomeOf } from "./examination.ts";
import type { Finding } from "./finding.ts";
import { httpSlotOf } from "./http-boot.ts";
import { type Loose, rememberReads } from "./json.ts";
import type { Metadata } from "./metadata.ts";
import { resetTypeFor } from "./power.ts";
import { redactUrl } from "./redact.ts";
import type { Slot } from "./slots.ts";

/** Finds the system and all that belongs to it. */
export const system: Check = async (examination) => {
  const { session, root, target, quirks } = examination;
  try {
    const reader = rememberReads(session, root);
    const found = await describeBmc(reader, root, target.systemId, { everySlot: true, quirks });
    Object.assign(examination, { reader, description: found });
    return outcome("pass", describeMachine(found));
  } catch (error) {
    return outcomeOf(error);
  }
};

function describeMachine({ system: { path, ...named }, managers, state, quirks }: BmcDescription): string {
  const name = [named.manufacturer, named.model, named.serialNumber].filter(Boolean).join(" ");
  const bmcs = managers.map(({ model, firmwareVersion }) =>
    // HPE repeats the model in the version: "iLO 5 v3.11".
    [firmwareVersion?.startsWith(model ?? "") ? undefined : model, firmwareVersion].filter(Boolean).join(" "),
  );
  const rows = quirks.map((quirk) => quirk.name).join(", ");
  const progress = state.bootProgress === undefined ? "no boot progress" : "boot progress";
  return `${path}${name === "" ? "" : ` (${name})`}, power ${state.power}, ${progress}; managed by ${bmcs.join(", ") || "nobody named"}${rows === "" ? "" : `; quirks: ${rows}`}`;
}

/** Whether a slot takes a disc that is served over HTTP. */
export const slots: Check = async (examination) => {
  const { reader, description } = foundIn(examination);
  const taking = description.slots.filter((slot) => slot.takesDisc);
  if (taking.length === 0 && description.mediaSwitch !== undefined)
    return outcome("warn", "lists no slot yet; a deployment switches remote media on, which lists one");
  if (taking.length === 0 && description.httpBoot !== undefined)
    return outcome("warn", `${lackOf(description)}; ${byHttp(description.httpBoot)}`, HTTP_HINT);
  if (taking.length === 0) return noSlot(description, examination.metadata);
  try {
    const seen = await Promise.all(taking.map((slot) => look(reader, slot)));
    const detail = seen.map(({ words }) => words).join("; ");
    if (seen.every(({ protocols }) => protocols !== undefined && !protocols.some(isHttp)))
      return outcome("fail", detail, "This firmware fetches no disc over HTTP; a newer one may.");
    if (seen.every(({ slot }) => slot.insertTarget === undefined))
      return outcome(
        "warn",
        detail,
        "Without an InsertMedia action the disc is inserted by PATCH, as Lenovo wants it.",
      );
    return outcome("pass", detail);
  } catch (error) {
    return outcomeOf(error);
  }
};

const isHttp = (protocol: string) => /^https?$/i.test(protocol);

async function look(reader: Sender, slot: Slot) {
  const body = (await reader.send("GET", slot.path)).body as Loose;
  const protocols = await readAllowed(reader, body, "#VirtualMedia.InsertMedia", "TransferProtocolType");
  const types = slot.types.length > 0 ? slot.types.join("/") : "no media types named";
  const way = slot.insertTarget === undefined ? "no InsertMedia action" : "InsertMedia";
  const how = protocols === undefined ? "no protocols named" : protocols.join("/");
  const held = slot.image === undefined ? "something" : redactUrl(slot.image);
  const content = slot.isInserted ? `holds ${held}` : "empty";
  return { slot, protocols, words: `${slot.id} of the ${slot.under} (${types}; ${way}; ${how}; ${content})` };
}

const lackOf = ({ lack }: BmcDescription): string =>
  `no slot takes a CD${lack === undefined ? "" : `: ${lack}`}`;

const byHttp = ({ path }: { path: string }): string =>
  `discs are booted by UEFI HTTP boot instead (HttpBootUri of ${path})`;
const HTTP_HINT =
  "The machine's own network card fetches the disc: it needs an address by DHCP, a way to Trayload's address, boot mode " +
  "UEFI, and over https a firmware that trusts its certificate.";

/** A firmware whose `$metadata` does not know virtual media will not learn it by a licence. */
function noSlot(description: BmcDescription, metadata?: Metadata): Omit<Finding, "check"> {
  const detail = lackOf(description);
  const isUnknown = metadata !== undefined && !("VirtualMedia" in metadata.schemas);
  const hint = isUnknown
    ? "Its firmware knows no virtual media at all; another firmware may."
    : "Its firmware knows virtual media: they may need a licence, or be switched off in the BMC's settings.";
  return outcome(
    "fail",
    detail,
    metadata === undefined ? "Virtual media may need a licence, or be switched off." : hint,
  );
}

/** Whether the next boot can be set to the disc. */
export const bootTargets: Check = async (examination) => {
  const { description } = foundIn(examination);
  const { targets, modes, settingsPath } = description.boot;
  const slot = description.slots.find((one) => one.takesDisc) ?? httpSlotOf(description);
  const { enabled, target } = description.state.override;
  const now = `now ${enabled ?? "nothing"} ${target ?? ""}`.trim();
  const at = settingsPath === undefined ? "" : `; set by ${settingsPath}`;
  if (targets === undefined)
    return outcome("warn", `lists no boot targets, so Cd will be tried; ${now}${at}`);
  if (slot === undefined)
    return outcome("skip", `needs a slot that takes a CD; allows ${targets.join(", ")}`);
  try {
    const chosen = overrideTargetFor(slot, description);
    const mode = modes === undefined ? "" : ` in ${modes.join("/")} mode`;
    return outcome("pass", `${chosen}${mode}, of ${targets.join(", ")}; ${now}${at}`);
  } catch (error) {
    return outcomeOf(error);
  }
};

/** Whether the machine can be switched on and off. */
export const resetTypes: Check = async (examination) => {
  const { reset } = foundIn(examination).description;
  if (reset.target === undefined)
    return outcome("fail", "the system has no Reset action", "Set bmc.systemId to the Id of the host.");
  if (reset.types === undefined)
    return outcome("warn", "lists no reset types, so the standard's own will be tried");
  const missing = (["on", "force-off", "off"] as const).filter(
    (action) => resetTypeFor(action, reset.types) === undefined,
  );
  const detail = `lists ${reset.types.join(", ")}`;
  if (missing.length === 0) return outcome("pass", detail);
  const isVital = missing.some((action) => action !== "off");
  return outcome(
    isVital ? "fail" : "warn",
    `${detail}; none of them is "${missing.join('" or "')}"`,
    isVital ? "Another firmware or licence of the BMC may allow it." : "Use force-off for this machine.",
  );
};

/** What the check of the system has left; without it none of the later ones runs. */
function foundIn({ reader, description }: Examination): { reader: Sender; description: BmcDescription } {
  if (reader === undefined || description === undefined) throw new Error("no system was found before");
  return { reader, description };
}
