import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Fault } from "../faults.ts";
import { isObject, linksAt, type Loose, type RecordedTree } from "./recorded-tree.ts";

/** One exchange as a dossier tells it (`redfish.json`); whatever else it holds is beside the matter. */
interface Exchange {
  method: string;
  path: string;
  status?: number;
  responseBody?: unknown;
}

/** A BMC as it was recorded while it was asked. */
export interface Replay {
  tree: RecordedTree;
  /** What became of requests that changed something, in their order, by method and path; null for those that worked. */
  outcomes: ReadonlyMap<string, (Fault | null)[]>;
}

const ROOT = "/redfish/v1";
const BLOCK = 512;

/**
 * Reads a dossier, or the `redfish.json` of one. Each resource is served as it was read first; refusals come again in the order
 * in which they came.
 *
 * @throws RangeError for what is no conversation with a BMC
 */
export function readReplay(file: string): Replay {
  const content = readFileSync(file);
  const isPacked = content[0] === 0x1f && content[1] === 0x8b;
  const text = isPacked ? findInTar(gunzipSync(content), "redfish.json") : content.toString();
  const exchanges = exchangesIn(text, file);
  const bodies = new Map<string, Loose>();
  for (const { method, path, status = 0, responseBody } of exchanges)
    if (method === "GET" && status < 300 && isObject(responseBody)) addBody(bodies, path, responseBody);
  if (!bodies.has(ROOT)) throw new RangeError(`${file} has not seen the BMC's service root`);
  return { tree: { name: basename(file), bodies, texts: new Map() }, outcomes: outcomesOf(exchanges) };
}

function exchangesIn(text: string, file: string): Exchange[] {
  const said: unknown = JSON.parse(text);
  const isConversation =
    Array.isArray(said) && said.every((one) => isObject(one) && "method" in one && "path" in one);
  if (!isConversation) throw new RangeError(`${file} is no list of exchanges with a BMC`);
  return said as Exchange[];
}

/** As it was read first; a collection that came with its members is told with their links, and they by themselves. */
function addBody(bodies: Map<string, Loose>, asked: string, body: Loose): void {
  const path = asked.split("?", 1)[0]!.replace(/(?<=.)\/+$/, "");
  const members = Array.isArray(body["Members"]) ? body["Members"].filter(isObject) : [];
  const links = linksAt(body, "Members");
  for (const [index, member] of members.entries())
    if ("Id" in member && links[index] !== undefined && !bodies.has(links[index]))
      bodies.set(links[index], member);
  if (bodies.has(path)) return;
  const isList = "Members" in body;
  bodies.set(path, isList ? { ...body, Members: links.map((link) => ({ "@odata.id": link })) } : body);
}

function outcomesOf(exchanges: readonly Exchange[]): Replay["outcomes"] {
  const outcomes = new Map<string, (Fault | null)[]>();
  for (const { method, path, status, responseBody } of exchanges) {
    // Log-ins are another's, with another's password.
    if (method === "GET" || method === "DELETE" || path.endsWith("/Sessions")) continue;
    const key = `${method} ${path.split("?", 1)[0]!.replace(/(?<=.)\/+$/, "")}`;
    const fault: Fault | null =
      status === undefined
        ? { hangUp: true }
        : status < 400
          ? null
          : { status, ...(responseBody === undefined ? {} : { body: responseBody }) };
    outcomes.set(key, [...(outcomes.get(key) ?? []), fault]);
  }
  return outcomes;
}

/** The content of one file of a tar archive as dossiers are packed. @throws RangeError */
function findInTar(archive: Buffer, name: string): string {
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const own = archive.toString("latin1", at, at + 100).replace(/\0.*$/s, "");
    if (own === "") break;
    const length = Number.parseInt(archive.toString("latin1", at + 124, at + 136), 8);
    if (own === name) return archive.toString("utf8", at + BLOCK, at + BLOCK + length);
    at += BLOCK + Math.ceil(length / BLOCK) * BLOCK;
  }
  throw new RangeError(`the archive holds no ${name}`);
}
