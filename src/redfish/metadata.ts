import { parseStringPromise, processors } from "xml2js";
import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";

/** What a service says of itself in `$metadata` (CSDL, OData 4.0). It lists what the firmware knows, not what works. */
export interface Metadata {
  /** Newest version of each schema, `VirtualMedia` → `1.6.4`; empty where only the unversioned name is listed. */
  schemas: Record<string, string>;
  /** Names of schemas that are a maker's own. */
  oem: string[];
  capabilities: Record<Capability, boolean>;
}

export type Capability = keyof typeof CAPABILITIES;

/** Schema and version (DSP8010) since which a service can have it. */
const CAPABILITIES = {
  mediaActions: ["VirtualMedia", "1.2.0"],
  mediaCredentials: ["VirtualMedia", "1.3.0"],
  mediaCertificates: ["VirtualMedia", "1.4.0"],
  systemMedia: ["ComputerSystem", "1.13.0"],
  bootProgress: ["ComputerSystem", "1.13.0"],
  httpBoot: ["ComputerSystem", "1.9.0"],
  secureBoot: ["SecureBoot", ""],
  tasks: ["TaskService", ""],
  jobs: ["JobService", ""],
  licenses: ["LicenseService", ""],
} as const;

const PATH = "/redfish/v1/$metadata";
/** The largest one recorded has 0.3 MB. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Edmx, Reference, Include, Annotation: nothing of use lies deeper. */
const MAX_DEPTH = 12;
const OEM =
  /oem|^(dell|hpe|openbmc|nvidia|ami|gbt|gigabyte|intel|lenovo|supermicro|smc|huawei|xfusion|h3c|public|cisco|fujitsu|ts_fujitsu|asrock|ibm|inspur|quanta|wiwynn|cray)/i;

/** Reads `$metadata`, with one request. @throws RedfishError `bmc-answer-unreadable` when it is no CSDL */
export async function readMetadata(sender: Sender): Promise<Metadata> {
  const { body } = await sender.send("GET", PATH, { expect: "text", maxBodyBytes: MAX_BYTES });
  return parseMetadata(typeof body === "string" ? body : "");
}

/** @throws RedfishError `bmc-answer-unreadable` */
export async function parseMetadata(xml: string): Promise<Metadata> {
  // CSDL has no use for a document type, attackers have: entities that multiply.
  if (/<!DOCTYPE/i.test(xml)) throw unreadable("a document type");
  const namespaces = findNamespaces(await parse(xml));
  if (namespaces.length === 0) throw unreadable("no schema at all");
  const schemas = newestOf(namespaces);
  const has = ([name, since]: readonly [string, string]) =>
    name in schemas && compareVersions(schemas[name]!, since) >= 0;
  const capabilities = Object.entries(CAPABILITIES).map(([name, needs]) => [name, has(needs)]);
  return {
    schemas,
    oem: Object.keys(schemas).filter((name) => OEM.test(name)),
    capabilities: Object.fromEntries(capabilities) as Metadata["capabilities"],
  };
}

async function parse(xml: string): Promise<unknown> {
  try {
    return await parseStringPromise(xml, {
      tagNameProcessors: [processors.stripPrefix],
      validator: refuseDepth,
      // In slices, so that half a megabyte does not hold up everything else.
      async: true,
    });
  } catch (error) {
    throw unreadable("what is no XML", error);
  }
}

function refuseDepth<Value>(path: string, _before: unknown, value: Value): Value {
  if (path.split("/", MAX_DEPTH + 2).length > MAX_DEPTH + 1) throw new Error(`deeper than ${MAX_DEPTH}`);
  return value;
}

interface Element {
  $?: { Namespace?: string };
  Reference?: Element[];
  Include?: Element[];
  DataServices?: Element[];
  Schema?: Element[];
}

/** Of included schemas, and of those that stand in the document itself. */
function findNamespaces(document: unknown): string[] {
  const edmx = (document as { Edmx?: Element } | null)?.Edmx;
  const listed = [
    ...(edmx?.Reference ?? []).flatMap((reference) => reference.Include ?? []),
    ...(edmx?.DataServices ?? []).flatMap((services) => services.Schema ?? []),
  ];
  return listed.flatMap((element) => element.$?.Namespace ?? []);
}

function newestOf(namespaces: string[]): Record<string, string> {
  const newest = new Map<string, string>();
  for (const namespace of namespaces) {
    const [, name, underscored] = /^(.+?)(?:\.v(\d+_\d+_\d+))?$/.exec(namespace)!;
    const version = underscored?.replaceAll("_", ".") ?? "";
    const known = newest.get(name!);
    if (known === undefined || compareVersions(version, known) > 0) newest.set(name!, version);
  }
  return Object.fromEntries(newest);
}

/** By numbers, not by letters; an absent version is older than any. */
function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split(".").map(Number));
  for (let at = 0; at < 3; at += 1) if ((a![at] ?? 0) !== (b![at] ?? 0)) return (a![at] ?? 0) - (b![at] ?? 0);
  return 0;
}

function unreadable(what: string, cause?: unknown): RedfishError {
  return new RedfishError(`GET ${PATH} was answered with ${what}`, {
    code: "bmc-answer-unreadable",
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
