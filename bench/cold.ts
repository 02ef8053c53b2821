import { loadavg } from "node:os";
import { refuse } from "./deploy.ts";
import { percentile, round } from "./figures.ts";
import type { IsoTraffic } from "./image-server.ts";
import { cpuSecondsOf, peakRssOf } from "./proc.ts";
import { plan, setStage, type Stage } from "./stage.ts";

export interface ColdOptions {
  nodes: number;
  imageMib: number;
  plainHttp: boolean;
  nodeArgs: readonly string[];
}

export interface ColdResult {
  /** How often the image's server was asked for more than its first byte. Anything but 1 fails the run. */
  downloads: number;
  bytesSentBySource: number;
  /** All requests that the image's server had: each deployment asks whether it is there. */
  requestsToSource: number;
  /** From the source's first byte, which it keeps back until all deployments are accepted, to a machine's boot from its disc. */
  secondsUntilServed: { first: number; p50: number; last: number };
  /** From there to the end of the last deployment. */
  secondsUntilEnded: number;
  cpuSeconds: number;
  peakRssBytes: Record<string, number>;
  loadAverageBefore: number;
}

const MIB = 2 ** 20;
/** A machine reads this much: reading a large image whole would measure its machine, not the download. */
const READ_BYTES = 2 * MIB;
const LIMIT_MS = 15 * 60_000;

/** Deploys one image that is not in the store yet to all nodes at once. @throws Error unless it is downloaded once */
export async function benchCold(
  { nodes, imageMib, plainHttp, nodeArgs }: ColdOptions,
  tell: (line: string) => void,
): Promise<ColdResult> {
  const loadAverageBefore = round(loadavg()[0]!);
  const isoBytes = imageMib * MIB;
  const stage = await setStage({
    nodes,
    profile: "generic",
    tls: !plainHttp,
    isoBytes,
    readShare: Math.min(1, READ_BYTES / isoBytes),
    nodeArgs,
  });
  try {
    const cpuBefore = cpuSecondsOf(stage.server.pid);
    const sentMs = await askForAll(stage, tell);
    const endedMs = await untilEnded(stage);
    const traffic = await stage.labs[0]!.ask("isoTraffic", undefined);
    refuseMore(traffic, isoBytes);
    const boots = (await Promise.all(stage.labs.map((lab) => lab.ask("bootTimes", undefined)))).flat();
    const seconds = boots.map((at) => (at - sentMs) / 1000);
    return {
      downloads: traffic.downloads,
      bytesSentBySource: traffic.bytesSent,
      requestsToSource: traffic.requests,
      secondsUntilServed: {
        first: round(Math.min(...seconds)),
        p50: round(percentile(seconds, 0.5)),
        last: round(Math.max(...seconds)),
      },
      secondsUntilEnded: round((endedMs - sentMs) / 1000),
      cpuSeconds: round(cpuSecondsOf(stage.server.pid) - cpuBefore),
      peakRssBytes: peakRssOf(stage.server.pid, "trayload"),
      loadAverageBefore,
    };
  } finally {
    await stage.stop();
  }
}

/** Has every deployment accepted before the source sends a byte. @returns when it began to, in milliseconds since 1970 */
async function askForAll(stage: Stage, tell: (line: string) => void): Promise<number> {
  const { wanted, callBacks } = plan(stage, "cold");
  await Promise.all(stage.labs.map((lab) => lab.ask("begin", callBacks)));
  await stage.labs[0]!.ask("holdIso", undefined);
  await stage.load.ask("post", wanted);
  tell(`${wanted.length} deployments are accepted; the image is sent`);
  return stage.labs[0]!.ask("sendIso", undefined);
}

/** @returns when the last ended, in milliseconds since 1970 @throws Error unless all did what they had to */
async function untilEnded({ server, labs, load, names }: Stage): Promise<number> {
  await load.ask("untilEnded", { limitMs: LIMIT_MS });
  const ended = await load.ask("list", "cold");
  const judgements = (await Promise.all(labs.map((lab) => lab.ask("judge", undefined)))).flat();
  refuse(ended, judgements, names.length, server.pid);
  return Math.max(...ended.map(({ endedAt }) => Date.parse(endedAt!)));
}

function refuseMore({ downloads, bytesSent }: IsoTraffic, isoBytes: number): void {
  if (downloads === 1 && bytesSent === isoBytes) return;
  throw new Error(
    `the image of ${isoBytes} bytes was asked for ${downloads} times, ${bytesSent} bytes in all`,
  );
}
