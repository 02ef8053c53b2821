import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";

/** JSON of a recorded BMC, of which nothing may be taken for granted. */
export type Loose = Record<string, unknown>;

/** A BMC's resources as somebody recorded them: a folder of `redfish/v1/<path>/index.json` (DSP2043's layout). */
export interface RecordedTree {
  /** The folder's name. */
  name: string;
  /** Bodies by path, without trailing slashes. */
  bodies: ReadonlyMap<string, Loose>;
  /** What is no JSON (`$metadata`), by path. */
  texts: ReadonlyMap<string, string>;
}

const ROOT = "/redfish/v1";

/**
 * Reads a folder whole. One whose own index.json is the service root, as published mockups have it, is read as well.
 *
 * @throws RangeError for a folder without a service root
 */
export function readTree(folder: string): RecordedTree {
  const isWhole = existsSync(join(folder, ROOT, "index.json"));
  const base = isWhole ? folder : join(folder, ".");
  const prefix = isWhole ? "" : ROOT;
  const bodies = new Map<string, Loose>();
  const texts = new Map<string, string>();
  const files = existsSync(base) ? readdirSync(base, { recursive: true, encoding: "utf8" }) : [];
  for (const file of files) {
    const [, below, kind] = /^(.*?)[/\\]?index\.(json|xml)$/.exec(file) ?? [];
    if (below === undefined) continue;
    const path = `${prefix}/${below.split(sep).join("/")}`.replace(/\/+$/, "");
    const text = readFileSync(join(base, file), "utf8");
    const body = kind === "json" ? parse(text) : undefined;
    if (body === undefined) texts.set(path, text);
    else bodies.set(path, body);
  }
  if (!bodies.has(ROOT)) throw new RangeError(`${folder} holds no redfish/v1/index.json`);
  return { name: basename(resolve(folder)), bodies, texts };
}

/** Recorders write what a BMC sent, be it a page of HTML, and some begin files with a byte order mark. */
function parse(text: string): Loose | undefined {
  try {
    const body: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** The value at a path of property names; undefined where anything on the way is missing. */
export function at(body: unknown, ...names: string[]): unknown {
  return names.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), body);
}

export function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textAt(body: unknown, ...names: string[]): string | undefined {
  const value = at(body, ...names);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The texts of a list; undefined where there is none, or an empty one. */
export function textsAt(body: unknown, ...names: string[]): string[] | undefined {
  const value = at(body, ...names);
  const texts = Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
  return texts.length > 0 ? texts : undefined;
}

/** Links by `@odata.id`, without the BMC's own name and trailing slashes. */
export function linksAt(body: unknown, ...names: string[]): string[] {
  const value = [at(body, ...names)].flat();
  const pathOf = (link: string) => link.replace(/^https?:\/\/[^/]+/, "").replace(/\/+$/, "");
  return value.flatMap((one) => {
    const link = textAt(one, "@odata.id");
    return link === undefined ? [] : [pathOf(link)];
  });
}
