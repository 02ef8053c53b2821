import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { EXPANDED, isObject, linksOf, type Member, membersOf, readOrMissing, stringAt } from "./json.ts";

/** Which members are wanted where each costs a request. */
export interface MemberChoice {
  /** Those that come into question, best first. */
  order: (paths: string[]) => string[];
  /** Whether no others need be read once this one is known. */
  isEnough: (member: Member) => Promise<boolean>;
}

/**
 * Reads a collection with its members: in one request where the service root offers that (DSP0266, "Expand parameter"),
 * else one by one. A service that offers it and then refuses, or gives links all the same, is asked one by one too. Of a
 * member that it cannot tell of (403 or 500, as of a board without power) it tells the others.
 *
 * @param sender one that remembers reads, since the root is asked for each time
 * @param choice heeded only where members are asked for one by one; all of them unless told
 * @returns no members for a collection that is not there
 * @throws RedfishError of the first member when it can tell of none
 */
export async function readMembers(
  sender: Sender,
  collection: string,
  choice?: MemberChoice,
): Promise<Member[]> {
  const { body: root } = await sender.send("GET", "/redfish/v1/");
  const whole = offersExpand(root) ? await readExpanded(sender, collection) : undefined;
  if (whole !== undefined) return whole;
  const paths = linksOf(await readWhole(sender, collection), "Members");
  const members =
    choice === undefined
      ? await Promise.all(paths.map((path) => readMember(sender, path)))
      : await readUntilEnough(sender, choice.order(paths), choice.isEnough);
  const trouble = troubleIn(members);
  if (trouble !== undefined && members.every((member) => member[2] !== undefined)) throw trouble;
  return members;
}

/** What the BMC said in place of a member. */
export function troubleIn(members: readonly Member[]): RedfishError | undefined {
  return members.find((member) => member[2] !== undefined)?.[2];
}

async function readMember(sender: Sender, path: string): Promise<Member> {
  try {
    return [path, await readOrMissing(sender, path)];
  } catch (error) {
    if (error instanceof RedfishError && (error.status === 403 || error.code === "bmc-failed"))
      return [path, undefined, error];
    throw error;
  }
}

/** More pages than any list has that is looked through here. */
const MOST_PAGES = 100;

/**
 * Reads a collection whole, of which a service may give a part with a link to the next (DSP0266, "Resource collections").
 *
 * @returns undefined behind a dead link
 */
export async function readWhole(sender: Sender, path: string): Promise<unknown> {
  const first = await readOrMissing(sender, path);
  const pages = new Map([[path, first]]);
  for (let page = first; isObject(page) && pages.size < MOST_PAGES; ) {
    const next = stringAt(page, "Members@odata.nextLink");
    if (next === undefined || pages.has(next)) break;
    page = await readOrMissing(sender, next);
    pages.set(next, page);
  }
  if (pages.size === 1 || !isObject(first)) return first;
  const listed = [...pages.values()].flatMap((page) => (isObject(page) ? [page["Members"]].flat() : []));
  return { ...first, Members: listed };
}

async function readUntilEnough(
  sender: Sender,
  paths: string[],
  isEnough: MemberChoice["isEnough"],
): Promise<Member[]> {
  const members: Member[] = [];
  for (const path of paths) {
    const member = await readMember(sender, path);
    members.push(member);
    if (await isEnough(member)) break;
  }
  return members;
}

/** Whether the service root says that `$expand=.` puts the members in place of their links. */
export function offersExpand(root: unknown): boolean {
  const features = isObject(root) ? root["ProtocolFeaturesSupported"] : undefined;
  const expand = isObject(features) ? features["ExpandQuery"] : undefined;
  return isObject(expand) && expand["NoLinks"] === true;
}

/** @returns undefined when the members did not come with the collection */
export async function readExpanded(sender: Sender, collection: string): Promise<Member[] | undefined> {
  const body = await bodyExpanded(sender, collection);
  return body === undefined ? undefined : membersOf(body);
}

/** What a collection says beside its members; costs nothing more where `readMembers` has just read it. */
export async function readCollection(sender: Sender, collection: string): Promise<unknown> {
  const { body: root } = await sender.send("GET", "/redfish/v1/");
  const expanded = offersExpand(root) ? await bodyExpanded(sender, collection) : undefined;
  return expanded ?? readWhole(sender, collection);
}

async function bodyExpanded(sender: Sender, collection: string): Promise<unknown> {
  try {
    return await readWhole(sender, collection + EXPANDED);
  } catch (error) {
    const isRefusal =
      error instanceof RedfishError && error.status !== undefined && error.code !== "bmc-busy";
    if (isRefusal) return undefined;
    throw error;
  }
}
