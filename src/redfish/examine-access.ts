import { RedfishError } from "./errors.ts";
import { type Check, outcome, outcomeOf } from "./examination.ts";
import { countSessions } from "./examine-state.ts";
import { isObject, readOrMissing, stringAt } from "./json.ts";
import { type OfferedCertificate, pinning } from "./tls.ts";

/** Asks for the service root, which needs no log-in. */
export const reachable: Check = async (examination) => {
  const { client, target } = examination;
  const { host } = new URL(target.address);
  try {
    const root = (await client.send("GET", "/redfish/v1/")).body;
    examination.root = root;
    const version = stringAt(root, "RedfishVersion");
    if (version === undefined) return outcome("warn", `${host} answers, without a Redfish version`);
    return outcome("pass", `${host} answers as Redfish ${version}`);
  } catch (error) {
    const isAbout = (kind: string) => error instanceof RedfishError && error.code.startsWith(kind);
    if (!isAbout("bmc-certificate")) return outcomeOf(error);
    examination.offence = error as RedfishError;
    return outcome("pass", `${host} answers by TLS`);
  }
};

/** Judges the certificate, and shows it whatever the judgement. */
export const tls: Check = async ({ client, target, offence }) => {
  if (offence !== undefined) return outcomeOf(offence);
  const offered = client.offered();
  if (offered === undefined)
    return outcome(
      "warn",
      "plain HTTP: whoever is on the network can read the password",
      "Give an https:// address.",
    );
  const { mode } = target.tls;
  const shown = describeOffered(offered);
  const { fingerprint } = offered;
  if (mode === "insecure") {
    const hint = `Compare it with what the BMC's own page shows, then run ${pinning(fingerprint)}.`;
    return { ...outcome("warn", `the certificate is not checked: ${shown}`, hint), fingerprint };
  }
  return { ...outcome("pass", `${mode === "pin" ? "pinned" : "verified"}: ${shown}`), fingerprint };
};

function describeOffered({ fingerprint, protocol, validTo }: OfferedCertificate): string {
  return `${fingerprint}, valid until ${validTo}, over ${protocol}`;
}

/** Logs in, once at most, and reads something that needs it: only then has Basic proven itself. */
export const logIn: Check = async ({ session, root, target }) => {
  try {
    // A switch or a chassis manager links no systems; what it does link needs the log-in as well.
    const linked = ["Systems", "Managers", "Chassis"].map((name) => stringAt(root, name, "@odata.id"));
    const path = linked.find((one) => one !== undefined) ?? "/redfish/v1/Systems";
    const isThere = (await readOrMissing(session, path)) !== undefined;
    const may = `${target.credentials.username} may read ${path}`;
    return outcome("pass", isThere ? may : `${may}, which is not there`);
  } catch (error) {
    return outcomeOf(error);
  }
};

/** iDRACs have eight, most others few more (field notes, user reports of RAC0218). */
const MANY_SESSIONS = 6;
const CROWDED = "Few sessions may be left; close those of tools that forgot theirs.";

/** Says whether the BMC gives sessions; Basic works too, and sends the password with every request. */
export const sessions: Check = async (examination) => {
  const { session, root } = examination;
  if (session.scheme === "basic")
    return outcome("warn", "the BMC gives no session; the password goes with every request (HTTP Basic)");
  const path = stringAt(root, "SessionService", "@odata.id");
  try {
    const service = path === undefined ? undefined : await readOrMissing(session, path);
    const seconds = isObject(service) ? service["SessionTimeout"] : undefined;
    const ends = typeof seconds === "number" ? `, which ends after ${seconds} s without use` : "";
    const open = await countSessions(examination);
    const listed = open === undefined ? "" : `; ${open} are open`;
    if (open !== undefined && open > MANY_SESSIONS)
      return outcome("warn", `one session is shared by all requests${ends}${listed}`, CROWDED);
    return outcome("pass", `one session is shared by all requests${ends}${listed}`);
  } catch (error) {
    return outcomeOf(error, "warn");
  }
};
