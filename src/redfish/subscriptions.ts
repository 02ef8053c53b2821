import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { headerOf, isObject, pathOf, readOrMissing, rememberReads, stringAt, stringsAt } from "./json.ts";
import { readMembers } from "./members.ts";

/** What a BMC is asked to tell, and how what was asked before is judged. */
export interface SubscriptionOrder {
  /** Where it posts its events. */
  url: string;
  /** By which the subscription is recognised: the BMC keeps and shows it (EventDestination, `Context`). */
  context: string;
  /** Whether somebody still wants what was asked with this Context; undefined for Contexts that are not ours. */
  isWanted: (context: string) => Promise<boolean | undefined>;
}

/** The subscription's resource, or why there is none. */
export type Subscribed = { path: string } | { path: null; why: string };

/**
 * Asks a BMC to post its events to us (DSP0266, "Eventing": push-style). Of what is there, only ours are touched: stale ones
 * are deleted, and where one of ours is still wanted there is not made a second.
 *
 * @throws RedfishError where it is not known whether the BMC made one; find it by its Context then
 */
export async function subscribe(
  sender: Sender,
  root: unknown,
  { url, context, isWanted }: SubscriptionOrder,
): Promise<Subscribed> {
  const service = await readService(sender, root);
  if (typeof service === "string") return { path: null, why: service };
  for (const [path, known] of await readDestinations(sender, root, service.collection)) {
    if (known === context) return { path };
    const answer = known === undefined ? undefined : await isWanted(known);
    if (answer === true) return { path: null, why: "it tells another deployment of ours" };
    if (answer === false) await sender.send("DELETE", path);
  }
  return create(sender, root, service, { url, context });
}

/**
 * Ends a subscription of ours. Its path may be another's by now, as BMCs count from 1 again, so its Context is read first.
 *
 * @param path null where it is not known; it is looked for then
 */
export async function unsubscribe(
  sender: Sender,
  root: unknown,
  { path, context }: { path: string | null; context: string },
): Promise<void> {
  const found = path ?? (await findByContext(sender, root, context));
  if (found === undefined) return;
  const isOurs = stringAt(await readOrMissing(sender, found), "Context") === context;
  try {
    if (isOurs) await sender.send("DELETE", found);
  } catch (error) {
    if (!(error instanceof RedfishError) || error.code !== "bmc-not-found") throw error;
  }
}

interface Service {
  collection: string;
  /** Those that a subscription may name; undefined where it lists none, and takes none (bmcweb). */
  types: string[] | undefined;
}

/** @returns why there is none, in words */
async function readService(sender: Sender, root: unknown): Promise<Service | string> {
  const path = stringAt(root, "EventService", "@odata.id");
  const body = path === undefined ? undefined : await readOrMissing(sender, path);
  const collection = stringAt(body, "Subscriptions", "@odata.id");
  if (!isObject(body) || collection === undefined) return "it has no event service";
  // A service that somebody has switched off stays so.
  if (body["ServiceEnabled"] === false) return "its event service is switched off";
  const types = stringsAt(body, "EventTypesForSubscription")?.filter((type) => type !== "MetricReport");
  return { collection, types };
}

/** Subscriptions with their Contexts. */
async function readDestinations(
  sender: Sender,
  root: unknown,
  collection: string,
): Promise<[path: string, context: string | undefined][]> {
  const members = await readMembers(rememberReads(sender, root), collection);
  return members.map(([path, body]) => [path, stringAt(body, "Context")]);
}

async function findByContext(sender: Sender, root: unknown, context: string): Promise<string | undefined> {
  const service = await readService(sender, root);
  if (typeof service === "string") return undefined;
  const all = await readDestinations(sender, root, service.collection);
  return all.find(([, known]) => known === context)?.[0];
}

/**
 * What the standard requires, and the types where they are listed; then with all that some want. A refusal, of one too many
 * too (403 or 503 of bmcweb, openbmc/bmcweb #150), is an answer and no failure.
 */
async function create(
  sender: Sender,
  root: unknown,
  { collection, types }: Service,
  { url, context }: { url: string; context: string },
): Promise<Subscribed> {
  const least = {
    Destination: url,
    Protocol: "Redfish",
    Context: context,
    ...(types && { EventTypes: types }),
  };
  const whole = { ...least, SubscriptionType: "RedfishEvent", EventFormatType: "Event" };
  let first: RedfishError | undefined;
  for (const json of [least, whole])
    try {
      const { headers, body } = await sender.send("POST", collection, { json });
      const named = headerOf(headers, "location") ?? stringAt(body, "@odata.id");
      const path = named === undefined ? await findByContext(sender, root, context) : pathOf(named);
      return await keepIfOurs(sender, { path, context, body });
    } catch (error) {
      if (!(error instanceof RedfishError) || error.mayHaveActed) throw error;
      first ??= error;
      if (error.status !== 400) break;
    }
  return { path: null, why: first!.message };
}

/** One that does not show its Context could not be told from anybody else's later, so it is ended at once. */
async function keepIfOurs(
  sender: Sender,
  { path, context, body }: { path: string | undefined; context: string; body: unknown },
): Promise<Subscribed> {
  if (path === undefined) return { path: null, why: "it took a subscription and does not show it" };
  const shown = stringAt(body, "Context") ?? stringAt(await readOrMissing(sender, path), "Context");
  if (shown === context) return { path };
  await sender.send("DELETE", path);
  return { path: null, why: "it does not keep the Context of a subscription" };
}
