import type { Answer } from "../answer.ts";
import type { Drives } from "../drives.ts";
import type { Host } from "../host.ts";
import type { Machine } from "../machine.ts";
import type { Gate } from "../pace.ts";
import type { Profile, Verb } from "../profile.ts";
import type { Subscriptions } from "../subscriptions.ts";
import type { Deed, LoggedRequest } from "../request-log.ts";

/** One request on its way to a resource. */
export interface Exchange {
  /** Parsed JSON; undefined when there was no body. */
  body: unknown;
  entry: LoggedRequest;
}

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;

/** What one path answers; a method that is not here is 405. */
export interface Resource {
  GET?: Handler;
  PATCH?: Handler;
  POST?: Handler;
  DELETE?: Handler;
  /** The methods that need no log-in. */
  open?: readonly string[];
}

/** Path, without a trailing slash, to resource. Sessions and tasks come and go in it. */
export type Resources = Map<string, Resource>;

/** What the resources of one BMC work on. */
export interface Face {
  profile: Profile;
  name: string;
  uuid: string;
  macs: readonly string[];
  host: Host;
  machine: Machine;
  drives: Drives;
  gate: Gate;
  subscriptions: Subscriptions;
  /** Answers 204 to inserts and does nothing, while set. */
  insertsNothing: () => boolean;
  /** Takes the BMC away for a while, and its sessions for good. */
  restart: () => void;
  /** Notes what was asked of the machine. */
  act(exchange: Exchange, deed: Deed): void;
  /** Notes a failure that no answer told, since the answer was given before. */
  failedLater(error: unknown): void;
  /** Gives the work's answer, or 202 and a task where the profile has one for this verb. */
  answerOf(verb: Verb, work: () => Promise<Answer>): Promise<Answer>;
}

export const ROOT = "/redfish/v1";

export function systemPath({ profile }: Pick<Face, "profile">): string {
  return `${ROOT}/Systems/${profile.system.id}`;
}

export function managerPath({ profile }: Pick<Face, "profile">): string {
  return `${ROOT}/Managers/${profile.manager.id}`;
}

export function link(path: string): { "@odata.id": string } {
  return { "@odata.id": path };
}

export function collection(path: string, type: string, members: readonly string[]): Record<string, unknown> {
  return {
    "@odata.type": `#${type}.${type}`,
    "@odata.id": path,
    Name: type,
    Members: members.map(link),
    "Members@odata.count": members.length,
  };
}

/** The body as an object of properties; undefined when it is none. */
export function propertiesOf(body: unknown): Record<string, unknown> | undefined {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject ? (body as Record<string, unknown>) : undefined;
}
