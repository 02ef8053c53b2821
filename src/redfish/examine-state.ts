import type { Sender } from "./client.ts";
import { type Check, type Examination, outcome, outcomeOf } from "./examination.ts";
import { RedfishError } from "./errors.ts";
import type { Finding } from "./finding.ts";
import { isObject, linksOf, type Loose, type Member, readOrMissing, stringAt } from "./json.ts";
import { readMembers, readWhole } from "./members.ts";
import { readSecureBoot } from "./secure-boot.ts";

type Outcome = Omit<Finding, "check">;

/** A check of something that many BMCs have not, and that nothing depends on: what cannot be read is only a warning. */
function lookAt(
  look: (
    examination: Required<Pick<Examination, "reader" | "description">> & Examination,
  ) => Promise<Outcome>,
): Check {
  return async (examination) => {
    const { reader, description } = examination;
    if (reader === undefined || description === undefined) throw new Error("no system was found before");
    try {
      return await look({ ...examination, reader, description });
    } catch (error) {
      return outcomeOf(error, "warn");
    }
  };
}

/** Whether firmware boots signed discs alone. */
export const secureBoot: Check = lookAt(async ({ reader, description }) => {
  const found = await readSecureBoot(reader, description.system.path);
  if (found === undefined) return outcome("skip", "the system shows no Secure Boot");
  const { isEnabled, isActive, mode } = found;
  const now = isActive === undefined ? "" : `, ${isActive ? "on" : "off"} at the last boot`;
  const words = `${isEnabled ? "enabled" : "disabled"}${now}${mode === undefined ? "" : `; keys in ${mode}`}`;
  return outcome("pass", isEnabled ? `${words}: only signed discs boot` : words);
});

const LICENCE = "Virtual media over the network may need a higher licence.";

/** Which licence the BMC has, where it says so: HPE and Dell tie virtual media to it. */
export const licence: Check = lookAt(async ({ reader, description, root }) => {
  for (const { path } of description.managers) {
    const manager = await readOrMissing(reader, path);
    const oem = isObject(manager) && isObject(manager["Oem"]) ? Object.values(manager["Oem"]) : [];
    const named = oem.map((maker) => stringAt(maker, "License", "LicenseString")).find(Boolean);
    if (named !== undefined)
      return /standard/i.test(named) ? outcome("warn", named, LICENCE) : outcome("pass", named);
    const listed = linkAt(manager, "Links", "Oem", "Dell", "DellLicenseCollection");
    if (listed !== undefined) return licencesIn(await readMembers(reader, listed));
  }
  const service = isObject(root) ? stringAt(root["LicenseService"], "@odata.id") : undefined;
  const listed = service === undefined ? undefined : linkAt(await readOrMissing(reader, service), "Licenses");
  return listed === undefined
    ? outcome("skip", "the BMC says nothing of licences")
    : licencesIn(await readMembers(reader, listed));
});

function licencesIn(members: readonly Member[]): Outcome {
  if (members.length === 0) return outcome("warn", "no licence is listed", LICENCE);
  const names = members.map(([path, body]) => stringAt(body, "Name") ?? path.split("/").at(-1)!);
  return outcome("pass", names.join(", "));
}

function linkAt(body: unknown, ...names: string[]): string | undefined {
  const at = names.slice(0, -1).reduce<unknown>((one, name) => (isObject(one) ? one[name] : undefined), body);
  return linksOf(at, names.at(-1)!)[0];
}

/** Certificates begin and end by somebody's clock. */
const SKEW_MS = 5 * 60_000;

export const clock: Check = lookAt(async ({ reader, description, now }) => {
  const manager = description.managers[0];
  const said = manager && stringAt(await readOrMissing(reader, manager.path), "DateTime");
  const ms = said === undefined ? Number.NaN : Date.parse(said);
  if (Number.isNaN(ms))
    return outcome("skip", said === undefined ? "the BMC shows no clock" : `its clock reads ${said}`);
  const skewMs = ms - now();
  if (Math.abs(skewMs) <= SKEW_MS) return outcome("pass", `${said}, right to the minute`);
  return outcome(
    "warn",
    `its clock reads ${said}, ${inWords(Math.abs(skewMs))} ${skewMs > 0 ? "ahead" : "behind"}`,
    "With a wrong clock a BMC refuses good certificates; set its time.",
  );
});

const DAY_MS = 24 * 3_600_000;

function inWords(ms: number): string {
  return ms < 3 * DAY_MS ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / DAY_MS)} days`;
}

/** Ends of tasks and jobs (DSP0268, Task and Job). */
const ENDED = /^(completed|exception|killed|cancelled|failed|.*errors?)$/i;
/** Old jobs are kept for long; of more than these the newest are looked at. */
const MOST_JOBS = 32;

/** Jobs and tasks under way: a stuck one blocks what comes behind it (field notes, 2.1 row 15). */
export const jobs: Check = lookAt(async ({ reader, root }) => {
  const services = ["JobService", "Tasks"].flatMap((name) => linksOf(root, name));
  if (services.length === 0) return outcome("skip", "the BMC has neither jobs nor tasks");
  const pending: string[] = [];
  for (const service of services) {
    const body = await readOrMissing(reader, service);
    const listed = linkAt(body, "Jobs") ?? linkAt(body, "Tasks");
    if (listed !== undefined) pending.push(...(await unfinishedIn(reader, listed)));
  }
  if (pending.length === 0) return outcome("pass", "none is under way");
  return outcome(
    "warn",
    `under way: ${pending.join(", ")}`,
    "A stuck job blocks all that come behind it; clear it first.",
  );
});

async function unfinishedIn(reader: Sender, collection: string): Promise<string[]> {
  const paths = linksOf(await readWhole(reader, collection), "Members").slice(-MOST_JOBS);
  const bodies = await Promise.all(paths.map((path) => readOrMissing(reader, path)));
  return bodies.filter(isObject).flatMap((body) => {
    const state = stringAt(body, "JobState") ?? stringAt(body, "TaskState");
    const name = stringAt(body, "Name") ?? stringAt(body, "Id") ?? "unnamed";
    // XCC keeps the settings of its scheduled restarts as jobs that nothing has started (recorded in NVIDIA/libredfish).
    const isOnlyPlanned = state === "Suspended" && isObject(body["Schedule"]);
    return state === undefined || ENDED.test(state) || isOnlyPlanned ? [] : [`${name} (${state})`];
  });
}

/** What an iDRAC's own attributes say of virtual media (field notes, 2.2: a disc that the host never sees). */
const WANTED: Record<string, { bad: RegExp; hint: string }> = {
  "VirtualMedia.1.Enable": { bad: /^disabled$/i, hint: "Set VirtualMedia.1.Enable to Enabled." },
  "VirtualMedia.1.Attached": { bad: /^detached?$/i, hint: "Set VirtualMedia.1.Attached to AutoAttach." },
};

export const settings: Check = lookAt(async ({ reader, description: { bootAttributesPath } }) => {
  if (bootAttributesPath === undefined)
    return outcome("skip", "this BMC has no settings that are known to matter");
  const body = (await readOrMissing(reader, bootAttributesPath)) as Loose | undefined;
  const said = Object.keys(WANTED).map((name) => [name, stringAt(body, "Attributes", name)] as const);
  const detail = said.map(([name, value]) => `${name} ${value ?? "not shown"}`).join(", ");
  const bad = said.find(([name, value]) => value !== undefined && WANTED[name]!.bad.test(value));
  return bad === undefined ? outcome("pass", detail) : outcome("fail", detail, WANTED[bad[0]]!.hint);
});

/** The rows by which this BMC is treated. */
export const quirks: Check = lookAt(async ({ description }) => {
  if (description.quirks.length === 0) return outcome("pass", "none applies");
  return outcome("pass", description.quirks.map(({ name, why }) => `${name}: ${why}`).join(" "));
});

/** How many sessions are open beside ours, where the BMC lists them. */
export async function countSessions({ session, root }: Examination): Promise<number | undefined> {
  const links = isObject(root) ? root["Links"] : undefined;
  const [listed] = linksOf(links, "Sessions");
  if (listed === undefined) return undefined;
  try {
    return linksOf(await readWhole(session, listed), "Members").length;
  } catch (error) {
    if (error instanceof RedfishError) return undefined;
    throw error;
  }
}
