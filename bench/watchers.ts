import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile, round } from "./figures.ts";
import { keepRunning } from "./keep-running.ts";
import { startPeer } from "./peer.ts";
import { cpuSecondsOf, rssOf } from "./proc.ts";
import type { ReaderAnswers } from "./readers.ts";
import { setStage } from "./stage.ts";

export interface WatchersOptions {
  /** Clients of the stream of all events. */
  clients: number;
  /** Deployments that are kept running. */
  running: number;
  seconds: number;
  bootSeconds: number;
  plainHttp: boolean;
  nodeArgs: readonly string[];
}

export interface WatchersResult {
  /** From the time that an event bears, which is that of its transaction, to its arrival at a client. */
  latencyMs: { p50: number; p99: number; max: number };
  eventsPerSecond: number;
  /** Events times clients. */
  arrivalsPerSecond: number;
  /** Of Trayload and its Redis: 1 is one core. */
  cores: number;
  rssBytes: Record<string, number>;
  ended: Record<string, number>;
}

const ISO_BYTES = 2 ** 20;
const SETTLE_MS = 5_000;

/** Has many clients watch all events, while deployments are under way. */
export async function benchWatchers(
  options: WatchersOptions,
  tell: (line: string) => void,
): Promise<WatchersResult> {
  const { running: nodes, clients, seconds, bootSeconds, plainHttp, nodeArgs } = options;
  const isoBytes = ISO_BYTES;
  const stage = await setStage({ nodes, profile: "generic", tls: !plainHttp, isoBytes, nodeArgs });
  const readers = startPeer<ReaderAnswers>(join(import.meta.dirname, "readers.ts"));
  try {
    const kept = await keepRunning(stage, bootSeconds * 1000);
    tell(`${nodes} deployments are under way`);
    const { apiUrl, token, pid } = stage.server;
    await readers.ask("watch", { api: { apiUrl, token }, clients });
    await sleep(SETTLE_MS);
    await readers.ask("forget", undefined);
    const before = cpuSecondsOf(pid);
    await sleep(seconds * 1000);
    const cpu = cpuSecondsOf(pid) - before;
    const { tookMs, events } = await readers.ask("heard", undefined);
    const ended = kept.ended();
    await kept.stop();
    return {
      latencyMs: {
        p50: round(percentile(tookMs, 0.5)),
        p99: round(percentile(tookMs, 0.99)),
        max: round(tookMs.reduce((most, one) => Math.max(most, one), 0)),
      },
      eventsPerSecond: round(events / clients / seconds),
      arrivalsPerSecond: round(events / seconds),
      cores: round(cpu / seconds),
      rssBytes: rssOf(pid, "trayload"),
      ended,
    };
  } finally {
    await readers.stop();
    await stage.stop();
  }
}
