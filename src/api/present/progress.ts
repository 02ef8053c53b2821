import * as z from "zod";
import type { DiscReads } from "../../images/index.ts";
import type { RecordView } from "../../deploy/index.ts";
import type { Progress } from "../schemas/deployment.ts";

const BLOCK_BYTES = 65_536;

/** The fact that the publishing step leaves about the disc. */
const discFact = z.object({ id: z.string(), sizeBytes: z.int().min(0) });

/** @returns null before there is a disc and without a call-back that told a percentage */
export function presentProgress(
  view: RecordView,
  reads: DiscReads | undefined,
  nowMs: number,
): Progress | null {
  const disc = discFact.safeParse(view.facts.disc);
  const told = view.callback?.percent ?? null;
  if (!disc.success && told === null) return null;
  const sizeBytes = disc.success ? disc.data.sizeBytes : 0;
  const share =
    reads === undefined || reads.blocks === 0 ? 0 : Math.min(1, reads.blocksCovered / reads.blocks);
  const bytesRead = Math.min(sizeBytes, (reads?.blocksCovered ?? 0) * BLOCK_BYTES);
  const bytesPerSecond = view.endedAt === null ? (reads?.bytesPerSecond ?? 0) : 0;
  return {
    percent: view.state === "succeeded" ? 100 : Math.round(told ?? share * 100),
    discBytesRead: bytesRead,
    discSizeBytes: sizeBytes,
    discShare: Math.round(share * 10_000) / 10_000,
    bytesPerSecond: Math.round(bytesPerSecond),
    lastReadAt: reads?.lastReadAt ?? null,
    etaAt: estimate(sizeBytes - bytesRead, bytesPerSecond, nowMs),
    sampledAt: new Date(nowMs).toISOString(),
  };
}

/** When the rest of the disc would be read at this rate; null when nothing is being read. */
function estimate(bytesLeft: number, bytesPerSecond: number, nowMs: number): string | null {
  if (bytesPerSecond < 1 || bytesLeft <= 0) return null;
  const atMs = nowMs + (bytesLeft / bytesPerSecond) * 1000;
  return Number.isFinite(atMs) && atMs < 8.64e15 ? new Date(atMs).toISOString() : null;
}
