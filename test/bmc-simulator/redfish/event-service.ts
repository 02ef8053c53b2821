import { NO_CONTENT, ok, refuse, type Answer } from "../answer.ts";
import type { Subscription, Subscriptions } from "../subscriptions.ts";
import { collection, type Exchange, type Face, link, propertiesOf, type Resources, ROOT } from "./face.ts";

const SERVICE = `${ROOT}/EventService`;
const SUBSCRIPTIONS = `${SERVICE}/Subscriptions`;

/** The event service (DSP0266, "Eventing"), where the profile has one. Its subscriptions are pushed to. */
export function addEventService(resources: Resources, { profile, subscriptions }: Face): void {
  const { events } = profile;
  if (events === null) return;
  const service = {
    "@odata.type": "#EventService.v1_10_0.EventService",
    "@odata.id": SERVICE,
    Id: "EventService",
    Name: "Event Service",
    ServiceEnabled: events.isOn,
    DeliveryRetryAttempts: 3,
    DeliveryRetryIntervalSeconds: 30,
    EventFormatTypes: ["Event"],
    ...(events.types !== null && { EventTypesForSubscription: events.types }),
    Subscriptions: link(SUBSCRIPTIONS),
  };
  resources.set(SERVICE, { GET: () => ok(service) });
  addSubscriptions(resources, { profile, subscriptions }, SUBSCRIPTIONS);
}

/** The collection of subscriptions, wherever it is. */
export function addSubscriptions(
  resources: Resources,
  { profile: { events }, subscriptions }: Pick<Face, "profile" | "subscriptions">,
  path: string,
): void {
  const pathOf = ({ id }: Subscription) => `${path}/${id}`;
  resources.set(path, {
    GET: () => ok(collection(path, "EventDestinationCollection", subscriptions.all.map(pathOf))),
    POST(exchange) {
      const asked = check(exchange, events?.types ?? null);
      if ("status" in asked) return asked;
      const made = subscriptions.add(asked);
      if (made === undefined)
        return refuse(503, "EventSubscriptionLimitExceeded", "There are too many subscriptions.");
      addOne(resources, subscriptions, made, pathOf(made));
      return { status: 201, headers: { location: pathOf(made) }, body: bodyOf(made, pathOf(made)) };
    },
  });
}

function addOne(resources: Resources, subscriptions: Subscriptions, one: Subscription, path: string): void {
  resources.set(path, {
    GET: () => ok(bodyOf(one, path)),
    DELETE() {
      subscriptions.remove(one);
      resources.delete(path);
      return NO_CONTENT;
    },
  });
}

function bodyOf(one: Subscription, path: string): Record<string, unknown> {
  return {
    "@odata.type": "#EventDestination.v1_13_0.EventDestination",
    "@odata.id": path,
    Id: one.id,
    Name: `Subscription ${one.id}`,
    Destination: one.destination,
    Protocol: "Redfish",
    SubscriptionType: "RedfishEvent",
    Context: one.context,
  };
}

const KNOWN = ["Destination", "Protocol", "Context", "SubscriptionType", "EventFormatType"];

function check(
  { body }: Exchange,
  types: readonly string[] | null,
): { destination: string; context: string | null } | Answer {
  const given = propertiesOf(body) ?? {};
  const { Destination: destination, Protocol: protocol, Context: context } = given;
  if (typeof destination !== "string" || !URL.canParse(destination))
    return refuse(400, "PropertyMissing", "The property Destination is missing.", ["Destination"]);
  if (protocol !== "Redfish")
    return refuse(400, "PropertyMissing", "The property Protocol is missing.", ["Protocol"]);
  const known = types === null ? KNOWN : [...KNOWN, "EventTypes"];
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined)
    return refuse(400, "PropertyUnknown", `The property ${unknown} is unknown.`, [unknown]);
  return { destination, context: typeof context === "string" ? context : null };
}
