import type { Asked, Bmc, BmcTarget } from "./bmc.ts";
import { bootFromDisc, bootFromDisk } from "./boot.ts";
import { bootByMaker, showsMakersBoot } from "./boot-ways.ts";
import type { RedfishClient, Sender } from "./client.ts";
import { describeBmc } from "./describe.ts";
import { RedfishError } from "./errors.ts";
import { examineBmc } from "./examine.ts";
import { isMessage } from "./extended-info.ts";
import { readLastReset, resetBmc } from "./manager-reset.ts";
import { readOverride, readState, setPower } from "./power.ts";
import { findSwitchedOn, recheckBmc } from "./recheck.ts";
import { digestOf, type Quirk, type Ways } from "./quirks/index.ts";
import { switchMediaOn } from "./remote-media.ts";
import { readSecureBoot, setSecureBoot } from "./secure-boot.ts";
import type { Session } from "./session.ts";
import { subscribe, unsubscribe } from "./subscriptions.ts";
import { readTask, type TaskTiming } from "./task.ts";
import { countDown, withinTime } from "./time-left.ts";
import { ejectMedia, insertMedia, readAgain } from "./virtual-media.ts";

/** What one BMC is made of. */
export interface BmcParts {
  target: BmcTarget;
  /** Limits, in milliseconds, for all that one change takes: its turn, its requests and the BMC's task. */
  limits: { insertMs: number; changeMs: number };
  /** The rows that may fit it. */
  quirks: readonly Quirk[];
  now: () => number;
  /** Lends the shared session, and the client below it, for the time of `work`. */
  withSession<Result>(work: (session: Session, client: RedfishClient) => Promise<Result>): Promise<Result>;
  /** Runs changes of this system one after another: parallel ones undo each other on sushy-tools and elsewhere. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs what only one process at a time may do at this BMC. */
  alone<Result>(work: () => Promise<Result>): Promise<Result>;
  localAddress(): string | undefined;
  release(): void;
}

type Change = (sender: Sender, timing: TaskTiming) => Promise<void>;

/** With the refusals for now that only a row knows as such. */
function retried({ busyMessages = [] }: Pick<Ways, "busyMessages">, work: Change): Change {
  const isForNow = (error: unknown): error is RedfishError =>
    error instanceof RedfishError &&
    error.messages.some((message) => busyMessages.some((name) => isMessage(message, name)));
  return async (sender, timing) => {
    try {
      await work(sender, timing);
    } catch (error) {
      throw isForNow(error) ? error.asBusy() : error;
    }
  };
}

/** Gives the verbs of one BMC. */
export function openBmc(parts: BmcParts): Bmc {
  const { target, limits, quirks, now } = parts;
  const ask = <Result>(work: (session: Session, client: RedfishClient) => Promise<Result>) =>
    parts.withSession(work);
  const change = (work: Change, { onMonitor }: Asked = {}, limitMs = limits.changeMs) => {
    const leftMs = countDown(limitMs);
    const timing = { leftMs, now, onMonitor };
    return parts.inTurn(() => parts.withSession((session) => work(withinTime(session, leftMs), timing)));
  };
  return {
    describe: ({ everySlot = false } = {}) =>
      ask(async (session) =>
        describeBmc(session, await session.root(), target.systemId, { everySlot, quirks }),
      ),
    async recheck(description) {
      if (description.rowsDigest !== digestOf(quirks)) return undefined;
      return ask((session) => recheckBmc(session, description));
    },
    examine: (onDescribed) =>
      ask((session, client) => examineBmc({ target, session, client, quirks, now }, onDescribed)),
    readState: ({ system }) => ask((session) => readState(session, system.path)),
    readOverride: ({ system, boot }) =>
      ask((session) => readOverride(session, boot.settingsPath ?? system.path)),
    readSlot: (slot) => ask((session) => readAgain(session, slot)),
    readTask: (monitor) => ask((session) => readTask(session, monitor)),
    setPower: (description, action, options) =>
      change(
        retried(description.ways, (sender, timing) => setPower(sender, description, action, timing, options)),
        options,
      ),
    findSwitchedOn: (description) =>
      ask(async (session) => findSwitchedOn(session, await session.root(), description)),
    async switchMediaOn({ mediaSwitch }, asked) {
      if (mediaSwitch !== undefined)
        await change((sender, timing) => switchMediaOn(sender, mediaSwitch, timing), asked);
    },
    insertMedia: (slot, url, asked) =>
      change(
        retried(slot, (sender, timing) => insertMedia(sender, slot, url, timing)),
        asked,
        limits.insertMs,
      ),
    ejectMedia: (slot, asked) =>
      change(
        retried(slot, (sender, timing) => ejectMedia(sender, slot, timing)),
        asked,
      ),
    bootFromDisc: (description, slot, options) =>
      change(
        retried(description.ways, (sender, timing) =>
          bootFromDisc(sender, description, slot, options, timing),
        ),
        options,
      ),
    readSecureBoot: ({ system }) => ask((session) => readSecureBoot(session, system.path)),
    setSecureBoot: ({ system }, isOn, asked) =>
      change((sender, timing) => setSecureBoot(sender, system.path, isOn, timing), asked),
    bootByMaker: (description, slot, way, asked) =>
      change((sender, timing) => bootByMaker(sender, description, slot, way, timing), asked),
    showsMakersBoot: (description, slot, way) =>
      ask((session) => showsMakersBoot(session, description, slot, way)),
    bootFromDisk: (description, asked) =>
      change(
        retried(description.ways, (sender, timing) => bootFromDisk(sender, description, timing)),
        asked,
      ),
    resetBmc: (description, asked) =>
      change((sender, timing) => resetBmc(sender, description, timing), asked),
    readLastReset: (description) => ask((session) => readLastReset(session, description)),
    subscribe: (order) =>
      parts.alone(() => ask(async (session) => subscribe(session, await session.root(), order))),
    unsubscribe: (subscription) =>
      parts.alone(() => ask(async (session) => unsubscribe(session, await session.root(), subscription))),
    localAddress: () => parts.localAddress(),
    release: () => parts.release(),
  };
}
