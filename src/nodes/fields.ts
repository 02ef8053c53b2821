import { X509Certificate } from "node:crypto";
import { NodeError } from "./errors.ts";
import type { NodeBmc, NodeFields, NodeTls } from "./node.ts";

/** A node as a person describes it, its secrets sealed: what is absent gets its default. */
export type NodeInput = Partial<Omit<NodeFields, "name" | "bmc">> & {
  name: string;
  bmc: Pick<NodeBmc, "address" | "username"> & Partial<NodeBmc>;
};

interface Wrong {
  path: string;
  message: string;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
const FINGERPRINT = /^sha256:[0-9a-f]{64}$/;
/** A name like this could be taken for an id. */
const LIKE_AN_ID = /^node_[0-9a-z]{26}$/i;

/**
 * Fills in defaults, brings every field into its one spelling, and checks it.
 *
 * @throws NodeError `node-field-invalid` with all fields that cannot stand
 */
export function completeFields(input: NodeInput): NodeFields {
  const fields: NodeFields = {
    name: input.name,
    bmc: completeBmc(input.bmc),
    arch: input.arch ?? "x86_64",
    bootMode: input.bootMode ?? null,
    macs: (input.macs ?? []).map((mac) => mac.toLowerCase()),
    site: input.site ?? null,
    rack: input.rack ?? null,
    labels: input.labels ?? {},
    protected: input.protected ?? false,
    maintenance: input.maintenance ?? false,
    provisionUrl: input.provisionUrl?.replace(/\/+$/, "") ?? null,
    networkData: input.networkData ?? null,
    rootDevice: input.rootDevice ?? null,
    cleaning: input.cleaning ?? { before: false, after: false },
    agent: input.agent ?? null,
  };
  const wrong = findWrong(fields);
  if (wrong.length === 0) return fields;
  const told = wrong.map(({ path, message }) => `${path} ${message}`).join("; ");
  throw new NodeError(`the node ${input.name} cannot be kept like this: ${told}`, {
    code: "node-field-invalid",
    hint: "Correct the fields that are named.",
    fields: wrong,
  });
}

function completeBmc({ address, username, tls, systemId }: NodeInput["bmc"]): NodeBmc {
  return {
    address: originOf(address) ?? address,
    username,
    tls: tls?.mode === "pin" && tls.fingerprint ? lowerPin(tls.fingerprint) : (tls ?? { mode: "verify" }),
    systemId: systemId?.replace(/(?<=.)\/+$/, "") ?? null,
  };
}

function lowerPin(fingerprint: string): NodeTls {
  return { mode: "pin", fingerprint: fingerprint.toLowerCase() };
}

/** `scheme://host:port` of a URL that holds nothing else; undefined for all others. */
export function originOf(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || !isHttp(url) || url.username + url.password + url.search + url.hash !== "")
    return undefined;
  return url.pathname === "/" ? url.origin : undefined;
}

function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

function findWrong(fields: NodeFields): Wrong[] {
  const { bmc } = fields;
  const checks: [path: string, isRight: boolean, message: string][] = [
    [
      "name",
      NAME.test(fields.name),
      "must be 1 to 63 letters, digits, dots, dashes or underscores, with a letter or digit at both ends",
    ],
    ["name", !LIKE_AN_ID.test(fields.name), "must not look like an id"],
    [
      "bmc.address",
      originOf(bmc.address) !== undefined,
      "must be http:// or https://, host and port, without user, path or query",
    ],
    ["bmc.username", bmc.username !== "", "must not be empty"],
    [
      "bmc.tls.fingerprint",
      isPin(bmc.tls),
      "must be sha256: and 64 hex digits; leave it out to pin the first one seen",
    ],
    ["bmc.tls.ca", isCa(bmc.tls), "must be certificates in PEM"],
    [
      "bmc.systemId",
      bmc.systemId !== "",
      "must be a Redfish Id or an @odata.id; null lets the BMC's tree decide",
    ],
    [
      "provisionUrl",
      isBaseUrl(fields.provisionUrl),
      "must be an http:// or https:// URL without user or query",
    ],
  ];
  const macs = fields.macs.map((mac, index): (typeof checks)[number] => [
    `macs.${index}`,
    MAC.test(mac),
    "must be a MAC address like 52:54:00:12:34:56",
  ]);
  return [...checks, ...macs].flatMap(([path, isRight, message]) => (isRight ? [] : [{ path, message }]));
}

function isPin(tls: NodeTls): boolean {
  return tls.mode !== "pin" || tls.fingerprint === undefined || FINGERPRINT.test(tls.fingerprint);
}

function isCa(tls: NodeTls): boolean {
  if (tls.mode !== "verify" || tls.ca === undefined) return true;
  try {
    return new X509Certificate(tls.ca).raw.length > 0;
  } catch {
    // What OpenSSL says of it would not tell a person more than the field's message does.
    return false;
  }
}

function isBaseUrl(text: string | null): boolean {
  if (text === null) return true;
  const url = URL.parse(text);
  return url !== null && isHttp(url) && url.username + url.password + url.search + url.hash === "";
}
