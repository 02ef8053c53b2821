import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { EXPANDED, isObject, linksOf, type Member, membersOf, readOrMissing } from "./json.ts";

/** Which members are wanted where each costs a request. */
export interface MemberChoice {
  /** Those that come into question, best first. */
  order: (paths: string[]) => string[];
  /** Whether no others need be read once this one is known. */
  isEnough: (member: Member) => Promise<boolean>;
}

/**
 * Reads a collection with its members: in one request where the service root offers that (DSP0266, "Expand parameter"),
 * else one by one. A service that offers it and then refuses, or gives links all the same, is asked one by one too.
 *
 * @param sender one that remembers reads, since the root is asked for each time
 * @param choice heeded only where members are asked for one by one; all of them unless told
 * @returns no members for a collection that is not there
 */
export async function readMembers(
  sender: Sender,
  collection: string,
  choice?: MemberChoice,
): Promise<Member[]> {
  const { body: root } = await sender.send("GET", "/redfish/v1/");
  const whole = offersExpand(root) ? await readExpanded(sender, collection) : undefined;
  if (whole !== undefined) return whole;
  const paths = linksOf(await readOrMissing(sender, collection), "Members");
  if (choice !== undefined) return readUntilEnough(sender, choice.order(paths), choice.isEnough);
  return Promise.all(paths.map(async (path) => [path, await readOrMissing(sender, path)] as const));
}

async function readUntilEnough(
  sender: Sender,
  paths: string[],
  isEnough: MemberChoice["isEnough"],
): Promise<Member[]> {
  const members: Member[] = [];
  for (const path of paths) {
    const member = [path, await readOrMissing(sender, path)] as const;
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
  return expanded ?? readOrMissing(sender, collection);
}

async function bodyExpanded(sender: Sender, collection: string): Promise<unknown> {
  try {
    return (await sender.send("GET", collection + EXPANDED)).body;
  } catch (error) {
    const isRefusal =
      error instanceof RedfishError && error.status !== undefined && error.code !== "bmc-busy";
    if (isRefusal) return undefined;
    throw error;
  }
}
