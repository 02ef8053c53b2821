import { randomBytes, randomUUID } from "node:crypto";
import { type Listen, openOrigin } from "./bmc-server.ts";
import type { Certificate } from "./certificate.ts";
import type { Copies } from "./copies.ts";
import { createDrives } from "./drives.ts";
import { createFaults } from "./faults.ts";
import { createHost } from "./host.ts";
import type { MachineFactory } from "./machine.ts";
import { createGate, type Pace } from "./pace.ts";
import { createPipeline } from "./pipeline.ts";
import type { Profile } from "./profile.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { createRedfish, type Face, systemPath } from "./redfish/index.ts";
import { type Action, createBoundedLog, type LoggedRequest } from "./request-log.ts";
import { type Parts, RunningBmc } from "./running-bmc.ts";
import { beginAsRecorded, createTreeRedfish, type ServedTree } from "./tree/index.ts";

export interface BmcOptions {
  name: string;
  profile: Profile;
  /** Served in place of resources made from the profile, which is then the tree's own. */
  tree: ServedTree | null;
  machines: MachineFactory;
  copies: Copies;
  listen: Listen;
  certificate: Certificate | null;
  macs: readonly string[];
  username: string;
  /** Random when undefined. */
  password?: string;
  pace: Pace;
  /** By which sessions expire. */
  clock: () => number;
  /** Added to every answer. */
  latencyMs: number;
  /** Requests and actions that are remembered, each. */
  logLimit: number;
}

/** A hundredth of what it takes. */
const RESTART_MS = 1_200;
/** So many requests must have been cut, however busy the lab's machine is: clients repeat one, and see nothing of it else. */
const RESTART_CUTS = 3;

/** Starts one BMC on an origin of its own, with a machine behind it. */
export async function startBmc(options: BmcOptions): Promise<RunningBmc> {
  const { name, profile, listen, certificate, latencyMs } = options;
  const inner = createInner(options);
  const { faults, requests: log, switches } = inner;
  let restart = { isOver: false, cuts: 0 };
  const goOnRestarting = (change: Partial<typeof restart>) => {
    Object.assign(restart, change);
    switches.isRestarting = !restart.isOver || restart.cuts < RESTART_CUTS;
  };
  const face: Omit<Face, "answerOf"> = {
    ...inner,
    profile,
    uuid: profile.dialect === "sushy-tools" ? profile.system.id : randomUUID(),
    insertsNothing: () => switches.insertsNothing,
    restart() {
      access.expireSessions();
      switches.isRestarting = true;
      restart = { isOver: false, cuts: 0 };
      setTimeout(() => goOnRestarting({ isOver: true }), RESTART_MS).unref();
    },
    act({ entry }, deed) {
      entry.acted = true;
      inner.actions.add((n) => ({ n, at: Date.now(), request: entry.n, ...deed }));
    },
    failedLater: (error) =>
      void inner.laterErrors.push(error instanceof Error ? error.message : String(error)),
  };
  const { tree, clock } = options;
  const { route, access } =
    tree === null
      ? createRedfish(face, inner.credentials, clock)
      : createTreeRedfish({ ...tree, face }, inner.credentials, clock);
  if (tree !== null) beginAsRecorded(tree, inner);
  const isSilent = () => switches.isSilent;
  const pipeline = createPipeline({ name, profile, route, faults, log, latencyMs, isSilent });
  const origin = await openOrigin(listen, certificate, profile, (request, response) => {
    if (!switches.isRestarting) return void pipeline(request, response);
    request.socket.destroy();
    goOnRestarting({ cuts: restart.cuts + 1 });
  });
  return new RunningBmc({ ...inner, profile: profile.name, origin, access });
}

/** Everything but the network. */
function createInner(options: BmcOptions): Omit<Parts, "origin" | "access" | "profile"> {
  const { name, profile, macs, copies } = options;
  const machine = options.machines(name, macs);
  const gate = createGate(options.pace);
  const switches = { insertsNothing: false, neverPowersOn: false, isSilent: false, isRestarting: false };
  const drives = createDrives(profile.media, copies, () => host.discChanged());
  const subscriptions = createSubscriptions(profile.events);
  const onPower = () =>
    subscriptions.tell("ResourceEvent.1.3.ResourcePowerStateChanged", systemPath({ profile }));
  const neverPowersOn = () => switches.neverPowersOn;
  const host = createHost({ profile, machine, gate, drives, neverPowersOn, onPower });
  const password = options.password ?? randomBytes(12).toString("base64url");
  return {
    name,
    macs,
    machine,
    gate,
    switches,
    drives,
    host,
    subscriptions,
    credentials: { username: options.username, password },
    faults: createFaults(),
    requests: createBoundedLog<LoggedRequest>(options.logLimit),
    actions: createBoundedLog<Action>(options.logLimit),
    laterErrors: [],
  };
}
