import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { answerParent } from "./peer.ts";
import { readStream } from "./stream.ts";

/** What the process that plays dashboards and those who poll answers. */
export type ReaderAnswers = typeof answers;

interface Asking {
  api: { apiUrl: string; token: string };
  /** Paths to ask for, one after another and again from the first. */
  paths: readonly string[];
  perSecond: number;
  seconds: number;
}

interface Watching {
  api: Asking["api"];
  clients: number;
}

/** How long each event took to each client, in milliseconds. */
export interface Heard {
  tookMs: number[];
  events: number;
}

/** Streams are opened so many at once. */
const OPENED_AT_ONCE = 50;

let watching: { ending: AbortController; over: Promise<unknown>; heard: Heard } | undefined;

const answers = {
  /**
   * Asks at a fixed rate, however long answers take.
   *
   * @returns for each path how long its answers took from when they were due, in milliseconds
   * @throws Error for an answer that is no page
   */
  async ask({ api, paths, perSecond, seconds }: Asking): Promise<number[][]> {
    const agent = new Agent({ keepAlive: true, maxSockets: 256 });
    const took: number[][] = paths.map(() => []);
    const began = performance.now();
    const asked = Array.from({ length: perSecond * seconds }, async (_, n) => {
      const due = began + (n * 1000) / perSecond;
      await sleep(Math.max(0, due - performance.now()));
      await readPage(api, paths[n % paths.length]!, agent);
      took[n % paths.length]!.push(performance.now() - due);
    });
    await Promise.all(asked).finally(() => agent.destroy());
    return took;
  },

  /** Opens streams of all events. */
  async watch({ api, clients }: Watching): Promise<void> {
    const ending = new AbortController();
    const heard: Heard = { tookMs: [], events: 0 };
    const hear = ({ at }: { at: string }): void => {
      heard.tookMs.push(performance.timeOrigin + performance.now() - Date.parse(at));
      heard.events += 1;
    };
    const streams = [];
    for (let n = 0; n < clients; n += 1) {
      const stream = readStream(api, "/v1/events", hear, ending.signal);
      streams.push(stream.over);
      if (n % OPENED_AT_ONCE === OPENED_AT_ONCE - 1 || n === clients - 1) await stream.opened;
    }
    watching = { ending, over: Promise.all(streams), heard };
    watching.over.catch(() => undefined);
  },

  /** Begins to count anew. */
  forget(): void {
    Object.assign(watching!.heard, { tookMs: [], events: 0 });
  },

  /** @throws Error when a stream has ended before */
  async heard(): Promise<Heard> {
    const { heard, ending, over } = watching!;
    const told = { ...heard };
    ending.abort();
    await over;
    return told;
  },
};

function readPage({ apiUrl, token }: Asking["api"], path: string, agent: Agent): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = get(`${apiUrl}${path}`, { headers, agent }, (answer) => {
      answer.resume().once("error", reject);
      answer.once("end", () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${path} was answered ${answer.statusCode}`));
      });
    });
    asked.once("error", reject);
  });
}

if (import.meta.main) answerParent(answers);
