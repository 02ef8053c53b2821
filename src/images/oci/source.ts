import { createHash } from "node:crypto";
import type { Checksum } from "../checksum.ts";
import { ImageError } from "../errors.ts";
import type { Recipe } from "../recipe.ts";
import { failed, type Network, readText } from "../source/exchange.ts";
import { partOf } from "../source/http.ts";
import type { Source } from "../source/source.ts";
import { type Endpoint, endpointsOf, type Given, type OciSettings } from "./endpoints.ts";
import {
  type Arch,
  chooseLayer,
  choosePlatform,
  type Descriptor,
  INDEX_TYPES,
  MANIFEST_TYPES,
  readManifest,
  unpackOf,
} from "./manifest.ts";
import { type Reference, showReference } from "./reference.ts";
import { createRegistry, type Registry } from "./registry.ts";

/** What of an artefact is wanted. */
export interface Choice extends Given {
  arch?: Arch | undefined;
  member?: string | undefined;
}

/** The layer that a reference leads to. */
interface Target {
  /** Of what the reference names: a manifest or an index. */
  digest: string;
  layer: Descriptor;
  member: string | undefined;
}

/** The specification lets registries refuse larger ones (distribution 1.1, "Pushing manifests"). */
const MANIFEST_BYTES = 4 * 1024 * 1024;
const ACCEPT = [...MANIFEST_TYPES, ...INDEX_TYPES].join(", ");

/** Reads an image from a registry: the layer of an artefact, checked against the digest that its manifest gives. */
export function createOciSource(
  reference: Reference,
  choice: Choice,
  settings: OciSettings,
  network: Network,
): Source & Required<Pick<Source, "pin" | "leaveOut">> {
  const shown = showReference(reference);
  let registries: Promise<Registry[]> | undefined;
  let count = 0;
  let target: Promise<Target> | undefined;
  /** Which sent what is being read, and which have sent something else than they should. */
  const sending = new Set<Registry>();
  const leftOut = new Set<Registry>();

  const everyRegistry = (): Promise<Registry[]> =>
    (registries ??= endpointsOf(reference, choice, settings).then((endpoints) => {
      count = endpoints.length;
      return endpoints.map((endpoint) =>
        createRegistry(endpoint, network, { shown: shownAt(shown, reference, endpoint) }),
      );
    }));

  /** Asks one after the other; what the last says counts. */
  async function anywhere<T>(get: (registry: Registry) => Promise<T>): Promise<T> {
    const all = (await everyRegistry()).filter((registry) => !leftOut.has(registry));
    for (const [index, registry] of all.entries()) {
      try {
        return await get(registry);
      } catch (error) {
        if (!(error instanceof ImageError) || index === all.length - 1) throw error;
      }
    }
    throw failed(shown, "has no registry", { code: "image-not-found", retryable: false });
  }

  const find = (signal: AbortSignal): Promise<Target> =>
    (target ??= anywhere((registry) => findLayer(registry, reference, choice, signal)).catch(
      (error: unknown) => {
        target = undefined;
        throw error;
      },
    ));

  return {
    shown,
    async pin(signal) {
      const { digest, layer, member } = await find(signal);
      return {
        digest,
        checksum: checksumOf(layer.digest),
        sizeBytes: layer.size,
        recipe: recipeOf(layer, member),
      };
    },
    async open(from, _version, signal) {
      const { layer } = await find(signal);
      return anywhere(async (registry) => {
        const headers: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` };
        const url = new URL(`${registry.base}/blobs/${layer.digest}`);
        const part = partOf(await registry.ask({ url, headers }, signal), registry.shown, from);
        if (part.offset === 0) sending.clear();
        sending.add(registry);
        return { ...part, sizeBytes: layer.size, version: { etag: layer.digest }, resumes: true };
      });
    },
    /** Where several have sent a part each, any of them may be meant: the first is the farthest from the origin. */
    leaveOut() {
      const [first] = sending;
      if (first === undefined || leftOut.size + 1 >= count) return false;
      leftOut.add(first);
      return true;
    },
    // What a tag leads to is asked each time, and its digest tells whether the bytes are here.
    isUnchanged: async () => false,
    async probe(signal) {
      const { layer } = await find(signal);
      return { sizeBytes: layer.size, acceptsRanges: true, version: null };
    },
  };
}

function shownAt(shown: string, { host }: Reference, { origin }: Endpoint): string {
  const { host: at } = new URL(origin);
  return at === host ? shown : `${shown} (at ${at})`;
}

async function findLayer(
  registry: Registry,
  { tag, digest }: Reference,
  { arch, member }: Choice,
  signal: AbortSignal,
): Promise<Target> {
  const first = await getManifest(registry, digest ?? tag ?? "latest", signal);
  let { found } = first;
  // An index of indexes is allowed by the specification, a longer chain is not meant by anybody.
  for (let depth = 0; found.kind === "index" && depth < 2; depth += 1)
    found = (await getManifest(registry, choosePlatform(found, arch, registry.shown).digest, signal)).found;
  if (found.kind === "index")
    throw failed(registry.shown, "leads from index to index", { code: "image-not-found", retryable: false });
  return { digest: first.digest, ...chooseLayer(found.layers, member, registry.shown) };
}

async function getManifest(
  registry: Registry,
  wanted: string,
  signal: AbortSignal,
): Promise<{ digest: string; found: ReturnType<typeof readManifest> }> {
  const url = new URL(`${registry.base}/manifests/${wanted}`);
  const reply = await registry.ask({ url, headers: { accept: ACCEPT } }, signal);
  const bytes = await readText(reply, registry.shown, MANIFEST_BYTES);
  const { headers } = reply.response;
  const named = wanted.includes(":") ? wanted : headers["docker-content-digest"]?.toString();
  const digest = digestOf(bytes, named?.startsWith("sha512:") === true ? "sha512" : "sha256");
  if (named !== undefined && named !== digest)
    throw new ImageError(`${registry.shown} has a manifest of ${digest}, and ${named} was asked for`, {
      code: "image-checksum-mismatch",
      retryable: false,
      hint: "The registry, or something before it, changes what it sends.",
    });
  return { digest, found: readManifest(bytes, headers["content-type"] ?? "", registry.shown) };
}

const digestOf = (bytes: Buffer, algorithm: "sha256" | "sha512"): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;

function checksumOf(digest: string): Checksum {
  const [algorithm, hex] = digest.split(":") as ["sha256" | "sha512", string];
  return { algorithm, hex, isWeak: false };
}

function recipeOf(layer: Descriptor, member: string | undefined): Recipe | null {
  const unpack = unpackOf(layer);
  if (unpack === null && member === undefined) return null;
  return { unpack, member: member ?? null };
}
