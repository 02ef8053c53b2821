import type { Bmc, BmcTarget } from "./bmc.ts";
import { bootFromDisc, bootFromDisk } from "./boot.ts";
import { describeBmc } from "./describe.ts";
import { readState, setPower } from "./power.ts";
import type { Session } from "./session.ts";
import { readSlot } from "./slots.ts";
import type { TaskTiming } from "./task.ts";
import { ejectMedia, insertMedia } from "./virtual-media.ts";

/** What one BMC is made of. */
export interface BmcParts {
  target: BmcTarget;
  timing: TaskTiming;
  /** Lends the shared session for the time of `work`. */
  withSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  /** Runs changes of this system one after another: parallel ones undo each other on sushy-tools and elsewhere. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  localAddress(): string | undefined;
  release(): void;
}

/** Gives the verbs of one BMC. */
export function openBmc(parts: BmcParts): Bmc {
  const { target, timing } = parts;
  const ask = <Result>(work: (session: Session) => Promise<Result>) => parts.withSession(work);
  const change = (work: (session: Session) => Promise<void>) => parts.inTurn(() => parts.withSession(work));
  return {
    describe: ({ everySlot = false } = {}) =>
      ask(async (session) => describeBmc(session, await session.root(), target.systemId, everySlot)),
    readState: ({ system }) => ask((session) => readState(session, system.path)),
    readSlot: (slot) => ask((session) => readSlot(session, slot.path, slot.under)),
    setPower: (description, action) => change((session) => setPower(session, description, action, timing)),
    insertMedia: (slot, url) => change((session) => insertMedia(session, slot, url, timing)),
    ejectMedia: (slot) => change((session) => ejectMedia(session, slot, timing)),
    bootFromDisc: (description, slot, options) =>
      change((session) => bootFromDisc(session, description, slot, options, timing)),
    bootFromDisk: (description) => change((session) => bootFromDisk(session, description, timing)),
    localAddress: () => parts.localAddress(),
    release: () => parts.release(),
  };
}
