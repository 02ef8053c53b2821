import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ExposedDisc } from "../deploy/index.ts";
import { createDiscServer, createReadTracker, type Reached, type SentRange } from "../images/index.ts";
import { createAllowance } from "./allowance.ts";
import type { ProvisionLimits, ProvisionParts } from "./parts.ts";
import { createReaders, plainAddress } from "./readers.ts";
import { createRefetch } from "./refetch.ts";
import { wakeRecord } from "./wake.ts";

/** Serves discs and counts what the machine reads of them. */
export interface Discs {
  /** @returns false, without an answer given, when this reader must not have the disc */
  serve(request: IncomingMessage, response: ServerResponse, exposure: ExposedDisc): Promise<boolean>;
  /** Keeps what was counted. To be called when nothing is served any more. */
  close(): Promise<void>;
}

/** A connection and the disc that is read over it. */
type Visit = { exposure: ExposedDisc } & (
  | { isRefused: true }
  | { isRefused: false; onRead: (range: SentRange) => void }
);

export function createDiscs(parts: ProvisionParts, limits: ProvisionLimits): Discs {
  const { images, log } = parts;
  const files = createDiscServer(async (digest) => (await images.find(digest))?.path);
  const readers = createReaders(parts);
  const refetch = createRefetch(parts, limits.refetchMs);
  const tracker = createReadTracker({
    counts: parts.readCounts,
    process: parts.process,
    clock: parts.clock,
    flushMs: limits.flushMs,
    onMilestone: (reached) => tellReached(parts, reached),
    onError: (error, discId) => log.error({ discId, error }, "what was read of a disc could not be kept"),
  });
  const visits = new WeakMap<Socket, Visit>();
  // One line a minute for each pair of disc and reader: a BMC sends a thousand requests a boot.
  const lines = createAllowance({ atOnce: 1, perSecond: 1 / 60 }, parts.clock);

  function say(exposure: ExposedDisc, reader: string, message: string): void {
    const facts = { discId: exposure.disc.id, recordId: exposure.recordId, reader };
    if (lines.take(`${facts.discId} ${reader}`)) log.info(facts, message);
  }

  /** Judges who asks for what. */
  async function judge(exposure: ExposedDisc, reader: string): Promise<Visit> {
    const { bmcHost, recordId: owner } = exposure;
    if (parts.discSources === "bmc" && !(await readers.isBmc(reader, bmcHost))) {
      say(exposure, reader, "a disc was refused to a reader that is not its BMC");
      return { exposure, isRefused: true };
    }
    if (!(await readers.mayBeMachine(reader, bmcHost))) {
      say(exposure, reader, "a disc is read by ourselves, which counts for nothing");
      return { exposure, isRefused: false, onRead: () => undefined };
    }
    say(exposure, reader, "a disc is read");
    const by = { reader, owner };
    const onRead = (range: SentRange): void => {
      tracker.add(exposure.disc, range, by);
      parts.onBytes?.("disc", range.end - range.start);
    };
    return { exposure, isRefused: false, onRead };
  }

  /** As long as an exposure is taken as known, so is what was judged of a connection: it brings hundreds of requests. */
  async function visitOf({ socket }: IncomingMessage, exposure: ExposedDisc): Promise<Visit> {
    const before = visits.get(socket);
    if (before?.exposure === exposure) return before;
    const visit = await judge(exposure, plainAddress(socket.remoteAddress ?? ""));
    visits.set(socket, visit);
    return visit;
  }

  return {
    async serve(request, response, exposure) {
      const visit = await visitOf(request, exposure);
      if (visit.isRefused) return false;
      await files.serve(request, response, exposure.disc, visit.onRead, () =>
        refetch.bring(exposure, () => !response.destroyed),
      );
      return true;
    },
    async close() {
      await tracker.close();
      await files.close();
    },
  };
}

async function tellReached(
  parts: ProvisionParts,
  { owner, discId, milestone, percent }: Reached,
): Promise<void> {
  await wakeRecord(parts, owner, { kind: "disc-read", discId, milestone, percent });
}
