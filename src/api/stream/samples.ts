import type { Logger } from "pino";
import type { RecordStore, RecordView } from "../../deploy/index.ts";
import type { ReadCounts } from "../../images/index.ts";
import { presentProgress, servedOf } from "../present/progress.ts";
import type { Progress } from "../schemas/deployment.ts";

type OnSample = (progress: Progress) => void;

/** Takes samples of running deployments, one at a time however many watch the same one. */
export interface Samples {
  take(view: RecordView): Promise<Progress | null>;
  /** Calls back with each sample that differs from the one before. @returns a function that ends it */
  watch(id: string, onSample: OnSample): () => void;
}

interface SampleParts {
  records: Pick<RecordStore, "get">;
  readCounts: Pick<ReadCounts, "load">;
  log: Logger;
  everyMs?: number;
}

export function createSamples({ records, readCounts, log, everyMs = 2000 }: SampleParts): Samples {
  const watched = new Map<string, { watchers: Set<OnSample>; timer: NodeJS.Timeout }>();

  const take = async (view: RecordView) => {
    const { disc, image } = servedOf(view);
    const load = (what: { id: string } | undefined) =>
      what === undefined ? undefined : readCounts.load(what.id);
    const reads = { disc: await load(disc), image: await load(image) };
    return presentProgress(view, reads, Date.now());
  };

  const start = (id: string) => {
    const watchers = new Set<OnSample>();
    let before = "";
    let isBusy = false;
    const look = async () => {
      const view = await records.get(id);
      const sample = view === undefined ? null : await take(view);
      const text = JSON.stringify({ ...sample, sampledAt: null, etaAt: null });
      if (sample === null || text === before) return;
      before = text;
      for (const onSample of watchers) onSample(sample);
    };
    const timer = setInterval(() => {
      if (isBusy) return;
      isBusy = true;
      look()
        .catch((error: unknown) => log.debug({ err: error, id }, "no sample could be taken"))
        .finally(() => (isBusy = false));
    }, everyMs).unref();
    const entry = { watchers, timer };
    watched.set(id, entry);
    return entry;
  };

  return {
    take,
    watch: (id, onSample) => {
      const entry = watched.get(id) ?? start(id);
      entry.watchers.add(onSample);
      return () => {
        entry.watchers.delete(onSample);
        if (entry.watchers.size > 0) return;
        clearInterval(entry.timer);
        if (watched.get(id) === entry) watched.delete(id);
      };
    },
  };
}
