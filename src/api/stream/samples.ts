import type { Logger } from "pino";
import type { RecordStore, RecordView } from "../../deploy/index.ts";
import type { ReadCounts } from "../../images/index.ts";
import { presentProgress, servedOf } from "../present/progress.ts";
import type { Outlooks } from "./outlooks.ts";
import type { Progress } from "../schemas/deployment.ts";

type OnSample = (progress: Progress) => void;

/** Takes samples of running deployments, one at a time however many watch the same one. */
export interface Samples {
  take(view: RecordView): Promise<Progress | null>;
  /** The same of many at once, in their order. */
  takeAll(views: readonly RecordView[]): Promise<(Progress | null)[]>;
  /** Calls back with each sample that differs from the one before. @returns a function that ends it */
  watch(id: string, onSample: OnSample): () => void;
}

interface SampleParts {
  records: Pick<RecordStore, "get">;
  readCounts: Pick<ReadCounts, "loadAll">;
  outlooks: Pick<Outlooks, "of">;
  log: Logger;
  everyMs?: number;
}

export function createSamples({ records, readCounts, outlooks, log, everyMs = 2000 }: SampleParts): Samples {
  const watched = new Map<string, { watchers: Set<OnSample>; timer: NodeJS.Timeout }>();

  const takeAll = async (views: readonly RecordView[]) => {
    const served = views.map((view) => servedOf(view));
    const ids = served.flatMap(({ disc, image }) => [disc?.id ?? [], image?.id ?? []].flat());
    const reads = await readCounts.loadAll(ids);
    const nowMs = Date.now();
    const ahead = await outlooks.of(views, nowMs);
    return views.map((view, n) => {
      const { disc, image } = served[n]!;
      const of = (what: { id: string } | undefined) => reads.get(what?.id ?? "");
      return presentProgress(view, { disc: of(disc), image: of(image) }, nowMs, ahead[n]);
    });
  };
  const take = async (view: RecordView) => (await takeAll([view]))[0]!;

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
    takeAll,
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
