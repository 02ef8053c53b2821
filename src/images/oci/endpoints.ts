import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageError } from "../errors.ts";
import type { Trust } from "../source/agents.ts";
import { type Credentials, findCredentials } from "./credentials.ts";
import type { Reference } from "./reference.ts";

/** What an operator says of registries. */
export interface OciSettings {
  /** Where to ask first for what lies below `from` (`host[:port][/path]`); `to` is a base URL. In order. */
  mirrors?: readonly { from: string; to: string }[];
  /** Docker's `config.json`, or one like it. */
  authFile?: string | undefined;
  /** A folder with `<host[:port]>/*.crt`, as Docker and Podman have in `/etc/docker/certs.d`. */
  certsFolder?: string | undefined;
  /** Hosts, with their ports, that are spoken to without TLS. */
  plainHttp?: readonly string[];
}

/** One place that may have what a reference names. */
export interface Endpoint {
  /** Ends without a slash; `/v2/…` follows. */
  origin: string;
  repository: string;
  credentials: Credentials | undefined;
  trust: Trust;
}

/** What the image itself brings counts at the registry that it names, not at mirrors. */
export interface Given {
  auth?: Credentials | undefined;
  tls?: Trust | undefined;
}

/** The places to ask, mirrors first. @throws ImageError when the operator's files cannot be read */
export async function endpointsOf(
  { host, repository }: Reference,
  given: Given,
  settings: OciSettings,
): Promise<Endpoint[]> {
  const place = `${host}/${repository}`;
  const mirrors = (settings.mirrors ?? []).flatMap(({ from, to }) => {
    if (place !== from && !place.startsWith(`${from}/`)) return [];
    const url = new URL(to);
    const path = [...url.pathname.split("/"), ...place.slice(from.length).split("/")].filter(
      (part) => part !== "",
    );
    return [{ scheme: url.protocol, at: url.host, repository: path.join("/"), given: {} }];
  });
  const scheme = settings.plainHttp?.includes(host) === true ? "http:" : "https:";
  const own = { scheme, at: host, repository, given };
  return Promise.all([...mirrors, own].map((one) => endpointOf(one, settings)));
}

async function endpointOf(
  { scheme, at, repository, given }: { scheme: string; at: string; repository: string; given: Given },
  settings: OciSettings,
): Promise<Endpoint> {
  // What people call docker.io listens under another name.
  const origin = `${scheme}//${at === "docker.io" ? "registry-1.docker.io" : at}`;
  const credentials = given.auth ?? (await findCredentials(settings.authFile, at, repository));
  return { origin, repository, credentials, trust: given.tls ?? (await trustOf(settings.certsFolder, at)) };
}

/** The authorities that an operator gave for a host. */
export async function trustOf(folder: string | undefined, host: string): Promise<Trust> {
  if (folder === undefined) return {};
  try {
    const names = (await readdir(join(folder, host))).filter((name) => name.endsWith(".crt"));
    const texts = await Promise.all(names.map((name) => readFile(join(folder, host, name), "utf8")));
    return texts.length === 0 ? {} : { ca: texts.join("\n") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new ImageError(`The certificates for ${host} cannot be read`, {
      code: "image-certificate-untrusted",
      retryable: false,
      hint: "Check the folder that TRAYLOAD_OCI_CERTS names, and its rights.",
      cause: error,
    });
  }
}
