import { whenAll } from "./when-all.ts";

/** What is opened and closed. */
interface Lane {
  stop(): Promise<void>;
}

/** Places alike in which rounds are run beside each other, since most of a round is waiting. */
export interface Lanes<L extends Lane> {
  /**
   * Gives the points, in their order, to whichever lane is free. A lane in which something went wrong may be in any state,
   * so that it makes room for a new one, and the others go on.
   *
   * @returns what was returned for each point
   * @throws AggregateError of all that went wrong, when every point was tried
   */
  spread<P, R>(points: readonly P[], run: (lane: L, point: P) => Promise<R>): Promise<R[]>;
  stop(): Promise<void>;
}

export async function openLanes<L extends Lane>(count: number, open: () => Promise<L>): Promise<Lanes<L>> {
  const free: L[] = [];
  const stop = () => whenAll(free.map((lane) => lane.stop()));
  try {
    await whenAll(Array.from({ length: count }, async () => free.push(await open())));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    async spread(points, run) {
      const results: Awaited<ReturnType<typeof run>>[] = [];
      const failures: unknown[] = [];
      const left = [...points.entries()];
      const walk = async () => {
        let lane = free.pop()!;
        for (let next = left.shift(); next !== undefined; next = left.shift())
          try {
            results[next[0]] = await run(lane, next[1]);
          } catch (error) {
            failures.push(error);
            await lane.stop();
            lane = await open();
          }
        free.push(lane);
      };
      await whenAll([...free].map(walk));
      if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("\n\n"));
      return results;
    },
  };
}
