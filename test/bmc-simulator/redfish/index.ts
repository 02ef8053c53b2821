/**
 * The Redfish face of one simulated BMC, written from the standard and from recorded bodies. It must not know how the
 * machine boots, nor that there are other BMCs. Begin with `face.ts` (what resources work on), then `router.ts`.
 */
import type { Profile } from "../profile.ts";
import { addEventService } from "./event-service.ts";
import { addManagers } from "./managers.ts";
import type { Face, Resources } from "./face.ts";
import { createRoute, type Route } from "./router.ts";
import { addServiceRoot } from "./service-root.ts";
import { type Access, addSessions, type Credentials } from "./sessions.ts";
import { addSystems } from "./systems.ts";
import { addTasks } from "./tasks.ts";
import { addVirtualMedia } from "./virtual-media.ts";

export { type Exchange, type Face, systemPath } from "./face.ts";
export { render, type Reply, type Route } from "./router.ts";
export type { Access, Credentials } from "./sessions.ts";

/** Builds every resource of the profile; gives the way in, and what the control face may know about log-ins. */
export function createRedfish(
  parts: Omit<Face, "answerOf">,
  credentials: Credentials,
  clock: () => number,
): { route: Route; access: Access } {
  const { profile } = parts;
  const resources: Resources = new Map();
  const access = addSessions(resources, profile, credentials, clock);
  const face: Face = { ...parts, answerOf: answering(resources, profile) };
  addServiceRoot(resources, face);
  addSystems(resources, face);
  addManagers(resources, face);
  addVirtualMedia(resources, face);
  addEventService(resources, face);
  return { route: createRoute(resources, profile, access), access };
}

/** sushy-tools has no tasks, and its task service is not worth having. */
function answering(resources: Resources, profile: Profile): Face["answerOf"] {
  if (profile.dialect === "sushy-tools") return (_verb, work) => work();
  const tasks = addTasks(resources, profile.tasks.retryAfter);
  return async (verb, work) => (profile.tasks.verbs.includes(verb) ? tasks.begin(work) : work());
}
