import * as z from "zod";
import type { DiscReads, ReadCounts } from "../../images/index.ts";
import type { Outlook, RecordView } from "../../deploy/index.ts";
import type { Progress } from "../schemas/deployment.ts";

const BLOCK_BYTES = 65_536;
/** Beside a disk image, the disc that the agent boots from counts for this share of the whole. */
const DISC_SHARE = 0.1;

/** Whoever has read nothing for so long is done with reading, or does something else first. */
const QUIET_MS = 10_000;

/** The facts that the publishing steps leave about the disc and the disk image. */
const served = z.object({ id: z.string(), sizeBytes: z.int().min(0) });

/** What was read of what a deployment serves. */
export interface ServedReads {
  disc: DiscReads | undefined;
  image: DiscReads | undefined;
}

/** What of a deployment is read by machines: by what the counts are kept. */
export function servedOf({
  facts,
}: RecordView): Record<keyof ServedReads, { id: string; sizeBytes: number } | undefined> {
  return { disc: served.safeParse(facts.disc).data, image: served.safeParse(facts.diskImage).data };
}

/**
 * How far a deployment is: what its installer said, else what was read, else what those like it took.
 *
 * @param ahead what is still to come, judged by those before it; undefined while nothing is known
 * @returns null where none of these tells anything
 */
export function presentProgress(
  view: RecordView,
  reads: ServedReads,
  nowMs: number,
  ahead?: Outlook,
): Progress | null {
  const { disc, image } = servedOf(view);
  const told = view.callback?.percent ?? null;
  if (disc === undefined && told === null && ahead === undefined) return null;
  const ofDisc = measure(view, disc?.sizeBytes ?? 0, reads.disc, nowMs);
  const ofImage = image && measure(view, image.sizeBytes, reads.image, nowMs);
  const share = Math.max(shareOf(ofDisc, ofImage), Math.min(ahead?.share ?? 0, MOST_BY_HISTORY));
  return {
    percent: view.state === "succeeded" ? 100 : Math.round(told ?? 100 * share),
    discBytesRead: ofDisc.shown.bytesRead,
    discSizeBytes: ofDisc.shown.sizeBytes,
    discShare: Math.round(ofDisc.share * 10_000) / 10_000,
    bytesPerSecond: ofDisc.shown.bytesPerSecond,
    lastReadAt: ofDisc.shown.lastReadAt,
    ...whenOver(readOf(ofImage?.shown ?? ofDisc.shown, nowMs), ahead, nowMs),
    image: ofImage?.shown ?? null,
    sampledAt: new Date(nowMs).toISOString(),
  };
}

/** Others took longer; this one may too. */
const MOST_BY_HISTORY = 0.99;

/** What is left to read: nothing that can be judged, where nobody has read for a while. */
function readOf({ etaAt, lastReadAt }: Measured["shown"], nowMs: number): Reading {
  return { etaAt, isQuiet: lastReadAt === null || nowMs - Date.parse(lastReadAt) > QUIET_MS };
}

interface Reading {
  etaAt: string | null;
  isQuiet: boolean;
}

/** When it is about over: not before its bytes are read, nor before what those like it still had to do then. */
function whenOver(
  { etaAt: readAt, isQuiet }: Reading,
  ahead: Outlook | undefined,
  nowMs: number,
): Pick<Progress, "etaAt" | "etaFrom"> {
  if (ahead === undefined) return { etaAt: readAt, etaFrom: readAt === null ? null : "bytes" };
  const byHistory = ahead.leftMs > 0 ? new Date(nowMs + ahead.leftMs).toISOString() : null;
  const byBytes = isQuiet ? null : readAt;
  if (byBytes !== null && (byHistory === null || byBytes >= byHistory))
    return { etaAt: byBytes, etaFrom: "bytes" };
  return { etaAt: byHistory, etaFrom: byHistory === null ? null : "history" };
}

/** What was read of one thing, as it is shown, and the share that it is. */
interface Measured {
  shown: NonNullable<Progress["image"]>;
  share: number;
}

function shareOf(disc: Measured, image: Measured | undefined): number {
  return image === undefined ? disc.share : DISC_SHARE * disc.share + (1 - DISC_SHARE) * image.share;
}

function measure(view: RecordView, sizeBytes: number, reads: DiscReads | undefined, nowMs: number): Measured {
  const share =
    reads === undefined || reads.blocks === 0 ? 0 : Math.min(1, reads.blocksCovered / reads.blocks);
  const bytesRead = Math.min(sizeBytes, (reads?.blocksCovered ?? 0) * BLOCK_BYTES);
  const bytesPerSecond = view.endedAt === null ? (reads?.bytesPerSecond ?? 0) : 0;
  const shown = {
    bytesRead,
    sizeBytes,
    bytesPerSecond: Math.round(bytesPerSecond),
    lastReadAt: reads?.lastReadAt ?? null,
    etaAt: estimate(sizeBytes - bytesRead, bytesPerSecond, nowMs),
  };
  return { shown, share };
}

/** When the rest would be read at this rate; null when nothing is being read. */
function estimate(bytesLeft: number, bytesPerSecond: number, nowMs: number): string | null {
  if (bytesPerSecond < 1 || bytesLeft <= 0) return null;
  const atMs = nowMs + (bytesLeft / bytesPerSecond) * 1000;
  return Number.isFinite(atMs) && atMs < 8.64e15 ? new Date(atMs).toISOString() : null;
}

/** How fast a deployment reads, and whether it has begun to, as far as is kept. */
export function readingOf(readCounts: Pick<ReadCounts, "load">, clock: () => number) {
  return async (view: RecordView): Promise<{ bytesPerSecond: number; hasBegun: boolean }> => {
    const served = Object.values(servedOf(view)).filter((one) => one !== undefined);
    const found = await Promise.all(served.map(({ id }) => readCounts.load(id)));
    const reads = found.filter((one) => one !== undefined);
    const isQuiet = ({ lastReadAt }: DiscReads) =>
      lastReadAt === null || clock() - Date.parse(lastReadAt) > QUIET_MS;
    const rates = reads.map((one) => (isQuiet(one) ? 0 : one.bytesPerSecond));
    return {
      bytesPerSecond: rates.reduce((sum, rate) => sum + rate, 0),
      hasBegun: reads.some(({ blocksCovered }) => blocksCovered > 0),
    };
  };
}
