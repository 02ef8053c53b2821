import type { Answer, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";

/** JSON of a BMC, of which nothing may be taken for granted. */
export type Loose = Record<string, unknown>;

export function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The string at a path of property names; undefined where anything on the way is missing or of another type. */
export function stringAt(body: unknown, ...path: string[]): string | undefined {
  const found = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), body);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** The strings of a list under a name; undefined where it lists none. */
export function stringsAt(body: unknown, name: string): string[] | undefined {
  const listed = isObject(body) ? body[name] : undefined;
  const values = Array.isArray(listed) ? listed.filter((value) => typeof value === "string") : [];
  return values.length > 0 ? values : undefined;
}

/** Whether a value is listed, alone or as the first word of a listed one: some BMCs put prose there. */
export function allows(listed: readonly string[], value: string): boolean {
  return listed.some((one) => one === value || one.split(/\W/, 1)[0] === value);
}

/** One value of an HTTP header; the first where it was repeated. */
export function headerOf(
  headers: Record<string, string | string[] | undefined>,
  name: string,
): string | undefined {
  const value = [headers[name]].flat()[0];
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}

/** The body of a resource; undefined where its link is dead. */
export async function readOrMissing(sender: Sender, path: string): Promise<unknown> {
  try {
    return (await sender.send("GET", path)).body;
  } catch (error) {
    if (error instanceof RedfishError && error.code === "bmc-not-found") return undefined;
    throw error;
  }
}

/** The links listed under a name, as a list or alone, without trailing slashes; entries without one are passed over. */
export function linksOf(body: unknown, name: string): string[] {
  const listed = isObject(body) ? [body[name]].flat() : [];
  return listed.flatMap((entry) => stringAt(entry, "@odata.id")?.replace(/(?<=.)\/+$/, "") ?? []);
}

/** The path of a `Location`, which BMCs also spell with a host name of their own that we were not given. */
export function pathOf(location: string): string {
  if (!URL.canParse(location, "http://bmc")) return location;
  const { pathname, search } = new URL(location, "http://bmc");
  return pathname + search;
}

/** A sender that reads nothing twice: for finding one's way through a tree, never for proof. */
export function rememberReads(sender: Sender, root: unknown): Sender {
  const keyOf = (path: string) => path.replace(/(?<=.)\/+$/, "");
  const rootAnswer: Answer = { status: 200, headers: {}, body: root };
  const reads = new Map([["/redfish/v1", Promise.resolve(rootAnswer)]]);
  return {
    send(method, path, exchange) {
      const known = method === "GET" ? reads.get(keyOf(path)) : undefined;
      if (known !== undefined) return known;
      const answer = sender.send(method, path, exchange);
      if (method === "GET") reads.set(keyOf(path), answer);
      return path.includes("$expand=") ? noteMembers(answer) : answer;
    },
  };

  async function noteMembers(asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    for (const [path, body] of membersOf(answer.body) ?? [])
      reads.set(keyOf(path), Promise.resolve({ status: 200, headers: {}, body }));
    return answer;
  }
}

/** Asks for the members of a collection in place of their links (DSP0266, "Expand parameter"). */
export const EXPANDED = "?$expand=.";

/** A member's `@odata.id` without a trailing slash, and its body; undefined behind a dead link, and with `trouble`. */
export type Member = readonly [path: string, body: unknown, trouble?: RedfishError];

/** The members that came with their collection; undefined when they did not. `Id` is what every resource has (DSP0268). */
export function membersOf(collection: unknown): Member[] | undefined {
  const listed = isObject(collection) && Array.isArray(collection["Members"]) ? collection["Members"] : [];
  const members = linksOf(collection, "Members").map((path, index) => [path, listed[index]] as const);
  const areAll =
    members.length === listed.length && members.every(([, body]) => stringAt(body, "Id") !== undefined);
  return areAll ? members : undefined;
}
