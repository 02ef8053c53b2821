import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A registry for reading, which can be told to behave badly. Speaks plain HTTP on loopback. */
export interface FaultyRegistry {
  /** `127.0.0.1:port`. */
  host: string;
  requests: { url: string; headers: IncomingMessage["headers"] }[];
  /** Adds a blob. @returns its digest */
  addBlob(content: Buffer): string;
  /** Adds a manifest or an index under its digest, and a tag where one is given. @returns its digest */
  addManifest(body: object, tag?: string): string;
  /** Sends other bytes for a digest than it stands for. */
  falsify(digest: string, content: Buffer): void;
  /** Wants a token, got with `user:password` or as nobody; each token is good for so many requests. */
  tokens: { login: string | null; uses: number } | null;
  /** Wants this `user:password` as Basic. */
  basic: string | null;
  /** Statuses of the next answers, with `Retry-After: 1` where they are 429. */
  statuses: number[];
  /** After how many bytes each of the next blobs is cut off. */
  cuts: number[];
  /** Sends blobs by a redirect to this base. */
  storage: string | null;
  /** `realm` of its challenges, where it is not its own. */
  realm: string | null;
  stop(): Promise<void>;
}

export const sha256 = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export async function startFaultyRegistry(): Promise<FaultyRegistry> {
  const stored = new Map<string, { content: Buffer; type: string }>();
  const good = new Map<string, number>();
  let given = 0;
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    registry.requests.push({ url, headers });
    if (url.startsWith("/token")) return sendToken(registry, good, request, response, (given += 1));
    const status = registry.statuses.shift() ?? 0;
    if (status !== 0)
      return void response.writeHead(status, status === 429 ? { "retry-after": "1" } : {}).end();
    if (!url.startsWith("/storage/") && !isLetIn(registry, good, headers.authorization))
      return void response.writeHead(401, { "www-authenticate": challengeOf(registry) }).end();
    const name = url.split("/").at(-1) ?? "";
    const found = stored.get(name);
    if (found === undefined) return void response.writeHead(404).end();
    if (url.includes("/blobs/") && registry.storage !== null)
      return void response.writeHead(307, { location: `${registry.storage}/storage/${name}` }).end();
    send(found, registry, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const registry: FaultyRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    addBlob(content) {
      stored.set(sha256(content), { content, type: "application/octet-stream" });
      return sha256(content);
    },
    addManifest(body, tag) {
      const content = Buffer.from(JSON.stringify(body));
      const type = (body as { mediaType?: string }).mediaType ?? "application/vnd.oci.image.manifest.v1+json";
      for (const name of [sha256(content), ...(tag === undefined ? [] : [tag])])
        stored.set(name, { content, type });
      return sha256(content);
    },
    falsify: (digest, content) => void (stored.get(digest)!.content = content),
    tokens: null,
    basic: null,
    statuses: [],
    cuts: [],
    storage: null,
    realm: null,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
}

function challengeOf({ basic, host, realm }: FaultyRegistry): string {
  if (basic !== null) return 'Basic realm="registry"';
  return `Bearer realm="${realm ?? `http://${host}/token`}",service="faulty",scope="repository:some/image:pull"`;
}

function isLetIn(
  { basic, tokens }: FaultyRegistry,
  good: Map<string, number>,
  seen: string | undefined,
): boolean {
  if (basic !== null) return seen === `Basic ${btoa(basic)}`;
  if (tokens === null) return true;
  const left = good.get(seen ?? "") ?? 0;
  good.set(seen ?? "", left - 1);
  return left > 0;
}

function sendToken(
  { tokens }: FaultyRegistry,
  good: Map<string, number>,
  { headers }: IncomingMessage,
  response: ServerResponse,
  number: number,
): void {
  const login = tokens?.login ?? null;
  if (login !== null && headers.authorization !== `Basic ${btoa(login)}`)
    return void response.writeHead(401).end();
  good.set(`Bearer t${number}`, tokens?.uses ?? 0);
  response.end(JSON.stringify({ token: `t${number}`, expires_in: 60 }));
}

function send(
  { content, type }: { content: Buffer; type: string },
  { cuts }: FaultyRegistry,
  { url = "", headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const from = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
  const body = content.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": body.length,
    "content-type": type,
    ...(from > 0 ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
  });
  const cut = url.includes("/manifests/") ? undefined : cuts.shift();
  if (cut === undefined) response.end(body);
  else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 60));
}

const OCI = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/** Adds an artefact with these files as layers. @returns the digest of its manifest, and those of its layers */
export function addArtefact(
  registry: FaultyRegistry,
  files: { content: Buffer; title?: string; type?: string }[],
  { tag, type = OCI }: { tag?: string; type?: string } = {},
): { digest: string; layers: string[] } {
  const layers = files.map(({ content, title, type: mediaType = "application/octet-stream" }) => ({
    mediaType,
    digest: registry.addBlob(content),
    size: content.length,
    ...(title === undefined ? {} : { annotations: { "org.opencontainers.image.title": title } }),
  }));
  const manifest = { schemaVersion: 2, mediaType: type, layers };
  return { digest: registry.addManifest(manifest, tag), layers: layers.map(({ digest }) => digest) };
}

/** Adds an index over manifests by architecture (Go's words). @returns its digest */
export function addIndex(
  registry: FaultyRegistry,
  byArch: Record<string, string>,
  { tag, type = INDEX }: { tag?: string; type?: string } = {},
): string {
  const manifests = Object.entries(byArch).map(([architecture, digest]) => ({
    mediaType: OCI,
    digest,
    size: 1,
    platform: { architecture, os: architecture === "unknown" ? "unknown" : "linux" },
  }));
  return registry.addManifest({ schemaVersion: 2, mediaType: type, manifests }, tag);
}
