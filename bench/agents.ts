import { setTimeout as sleep } from "node:timers/promises";
import { percentile, round, sum } from "./figures.ts";
import { AGENT_STEPS } from "./lab.ts";
import { cpuSecondsOf, rssOf } from "./proc.ts";
import { planAgents, setStage, type Stage } from "./stage.ts";

export interface AgentsOptions {
  count: number;
  plainHttp: boolean;
  /** Agents that end their step while the others go on. */
  wakes: number;
  nodeArgs: readonly string[];
}

export interface AgentsResult {
  /** From an agent's heartbeat, sent as its step ends, to the next command at its door. */
  wakeMs: { p50: number; p99: number; max: number };
  /** Of all of Trayload's processes meanwhile: 1 is one core. */
  cores: number;
  rssBytesOf: Record<string, number>;
}

const ISO_BYTES = 2 ** 20;
const LOOK_MS = 5_000;
/** An agent that has just reported waits five seconds before it does so again. */
const SETTLE_MS = 10_000;
const WAKE_PAUSE_MS = 100;

/** Has so many agents at work in a long step, reporting as real ones do, and lets some of them end it. */
export async function benchAgents(
  { count, plainHttp, wakes, nodeArgs }: AgentsOptions,
  tell: (line: string) => void,
): Promise<AgentsResult> {
  const stage = await setStage({
    nodes: count,
    profile: "generic",
    tls: !plainHttp,
    isoBytes: ISO_BYTES,
    hasAgents: true,
    nodeArgs,
  });
  try {
    await begin(stage, tell);
    await sleep(SETTLE_MS);
    const before = cpuSecondsOf(stage.server.pid);
    const beganMs = performance.now();
    const took = await release(stage, wakes);
    const seconds = (performance.now() - beganMs) / 1000;
    return {
      wakeMs: {
        p50: round(percentile(took, 0.5)),
        p99: round(percentile(took, 0.99)),
        max: round(Math.max(...took)),
      },
      cores: round((cpuSecondsOf(stage.server.pid) - before) / seconds),
      rssBytesOf: rssOf(stage.server.pid, "trayload"),
    };
  } finally {
    await stage.stop();
  }
}

async function begin(stage: Stage, tell: (line: string) => void): Promise<void> {
  const { labs, load, names } = stage;
  await Promise.all(labs.map((lab) => lab.ask("begin", {})));
  await load.ask("post", planAgents(stage, "agents", [AGENT_STEPS.held, AGENT_STEPS.quick]));
  for (;;) {
    const holding = sum(await Promise.all(labs.map((lab) => lab.ask("holding", undefined))));
    if (holding === names.length) return;
    tell(`${holding} agents are at work`);
    await sleep(LOOK_MS);
  }
}

/** @throws Error when one was not woken by its heartbeat */
async function release({ labs, names }: Stage, wakes: number): Promise<number[]> {
  const chosen = names.toSorted(() => Math.random() - 0.5).slice(0, wakes);
  const asked = { names: chosen, pauseMs: WAKE_PAUSE_MS };
  const took = (await Promise.all(labs.map((lab) => lab.ask("release", asked)))).flat();
  return took.map((ms) => {
    if (ms === null) throw new Error("an agent ended its step and got no next command within 2 s");
    return ms;
  });
}
