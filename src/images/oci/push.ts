import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { ImageError } from "../errors.ts";
import { failed } from "../source/exchange.ts";
import type { Proxies } from "../source/proxy.ts";
import { createSourceRules } from "../source/rules.ts";
import { endpointsOf, type OciSettings } from "./endpoints.ts";
import { type Arch, GO_ARCH, INDEX_TYPES, MANIFEST_TYPES, TITLE } from "./manifest.ts";
import { parseReference, type Reference, showReference } from "./reference.ts";
import { createRegistry, type Registry, type RegistryAsk } from "./registry.ts";

/** Files that make up an image on one kind of machine. `title` is the name by which a deployment asks for each. */
export interface PushedPart {
  arch: Arch;
  files: { path: string; title: string }[];
}

export interface PushOrder {
  /** `oci://host[:port]/repository[:tag]`. */
  url: string;
  parts: PushedPart[];
  settings: OciSettings;
  proxies: Proxies;
  signal: AbortSignal;
  /** Told of each file once it is there. */
  onFile?(title: string, sizeBytes: number, wasThere: boolean): void;
}

export interface Pushed {
  /** With the digest of the index. */
  url: string;
  digest: string;
  parts: { arch: Arch; digest: string }[];
}

const [OCI_INDEX = "", OCI_MANIFEST = ""] = [INDEX_TYPES[0], MANIFEST_TYPES[0]];
/** The type of an artefact's empty configuration (OCI image specification 1.1, "Guidance for an Empty Descriptor"). */
const EMPTY = "application/vnd.oci.empty.v1+json";
const ARTEFACT = "application/vnd.trayload.image.v1";
const IDLE_MS = 60_000;
/** A token may end while a long file is sent, which cannot be sent on without beginning anew. */
const TRIES = 3;

interface Sent {
  mediaType: string;
  digest: string;
  size: number;
}

/**
 * Puts files into a registry as one artefact for several kinds of machines: an index with a manifest for each, whose
 * layers are the files. What the registry has already is not sent again.
 *
 * @throws ImageError
 */
export async function pushArtefact(order: PushOrder): Promise<Pushed> {
  const reference = parseReference(order.url);
  const shown = showReference(reference);
  const registry = await openRegistry(reference, order, shown);
  const manifests: (Sent & { platform: object })[] = [];
  const parts: Pushed["parts"] = [];
  for (const { arch, files } of order.parts) {
    const layers: object[] = [];
    for (const file of files) layers.push(await sendFile(registry, file, order));
    const config = await sendBlob(registry, Buffer.from("{}"), EMPTY, order.signal);
    const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType: ARTEFACT, config, layers };
    const sent = await sendManifest(registry, manifest, undefined, order.signal);
    manifests.push({ ...sent, platform: { architecture: GO_ARCH[arch], os: "linux" } });
    parts.push({ arch, digest: sent.digest });
  }
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, artifactType: ARTEFACT, manifests };
  const { digest } = await sendManifest(registry, index, reference.tag ?? undefined, order.signal);
  return { url: showReference({ ...reference, digest }), digest, parts };
}

/** Whoever pushes says where to: no address is refused. Mirrors are for reading. */
async function openRegistry(reference: Reference, order: PushOrder, shown: string): Promise<Registry> {
  const endpoints = await endpointsOf(reference, {}, { ...order.settings, mirrors: [] });
  const rules = createSourceRules(["0.0.0.0/0", "::/0"]);
  const network = { rules, proxies: order.proxies, idleMs: IDLE_MS };
  return createRegistry(endpoints[0]!, network, { shown, actions: "pull,push" });
}

async function sendFile(
  registry: Registry,
  file: PushedPart["files"][number],
  order: PushOrder,
): Promise<object> {
  const { path, title } = file;
  const { digest, sizeBytes } = await measure(path);
  const wasThere = await isThere(registry, digest, order.signal);
  for (let tries = 1; !wasThere; tries += 1) {
    try {
      await upload(registry, digest, createReadStream(path), sizeBytes, order.signal);
      break;
    } catch (error) {
      if (!(error instanceof ImageError) || !error.retryable || tries >= TRIES) throw error;
    }
  }
  order.onFile?.(title, sizeBytes, wasThere);
  return { mediaType: "application/octet-stream", digest, size: sizeBytes, annotations: { [TITLE]: title } };
}

async function sendBlob(
  registry: Registry,
  bytes: Buffer,
  mediaType: string,
  signal: AbortSignal,
): Promise<Sent> {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (!(await isThere(registry, digest, signal))) await upload(registry, digest, bytes, bytes.length, signal);
  return { mediaType, digest, size: bytes.length };
}

async function sendManifest(
  registry: Registry,
  manifest: { mediaType: string },
  tag: string | undefined,
  signal: AbortSignal,
): Promise<Sent> {
  const body = Buffer.from(JSON.stringify(manifest));
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  const url = new URL(`${registry.base}/manifests/${tag ?? digest}`);
  const headers = { "content-type": manifest.mediaType };
  await askAndDrop(registry, { url, method: "PUT", headers, body }, signal, 201);
  return { mediaType: manifest.mediaType, digest, size: body.length };
}

async function measure(path: string): Promise<{ digest: string; sizeBytes: number }> {
  try {
    const { size } = await stat(path);
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return { digest: `sha256:${hash.digest("hex")}`, sizeBytes: size };
  } catch (cause) {
    throw new ImageError(`${path} cannot be read`, { code: "image-not-found", retryable: false, cause });
  }
}

async function isThere(registry: Registry, digest: string, signal: AbortSignal): Promise<boolean> {
  const asked = { url: new URL(`${registry.base}/blobs/${digest}`), method: "HEAD" as const };
  const { statusCode } = await askAndDrop(registry, asked, signal, 404);
  return statusCode === 200;
}

/** One PUT with all bytes, at the place that the registry gives for it (distribution specification, "POST then PUT"). */
async function upload(
  registry: Registry,
  digest: string,
  body: NonNullable<RegistryAsk["body"]>,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const begin = new URL(`${registry.base}/blobs/uploads/`);
  const { headers } = await askAndDrop(registry, { url: begin, method: "POST", body: "" }, signal, 202);
  if (headers.location === undefined || !URL.canParse(headers.location, begin.href))
    throw failed(registry.shown, "takes no upload", { code: "image-access-denied", retryable: false });
  const url = new URL(headers.location, begin);
  url.searchParams.set("digest", digest);
  const sent = { "content-type": "application/octet-stream", "content-length": String(sizeBytes) };
  await askAndDrop(registry, { url, method: "PUT", headers: sent, body }, signal, 201);
}

async function askAndDrop(
  registry: Registry,
  asked: RegistryAsk,
  signal: AbortSignal,
  ...accepted: number[]
) {
  const { response, stream } = await registry.ask(asked, signal, ...accepted);
  stream.destroy();
  return response;
}
