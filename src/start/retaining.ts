import type { Logger } from "pino";
import type { Upkeep } from "../api/index.ts";
import type { Config } from "../config.ts";
import { KEPT_KINDS, type KeptKind } from "../database/index.ts";
import { ImageError, type LocalImageStore } from "../images/index.ts";
import { watchRetention } from "../metrics/index.ts";
import type { Ground } from "./ground.ts";
import type { Lifetime } from "./lifetime.ts";

/** How often a bounded run is made. */
const RUN_MS = 10 * 60_000;

/** Removes what is older than it has to be, now and then. */
export function startRetaining(
  { keep }: Pick<Config, "keep">,
  { database, images, metrics, clock }: Pick<Ground, "database" | "images" | "metrics" | "clock">,
  log: Pick<Logger, "info" | "warn">,
  lifetime: Pick<Lifetime, "add">,
  runMs = RUN_MS,
): void {
  const count = watchRetention(metrics, () => database.retention.oldest());
  const run = async (): Promise<void> => {
    const pruned = { ...(await database.retention.prune(keep, clock())), images: 0 };
    pruned.images = await pruneImages(images, keep.imagesMs, clock());
    const some = Object.entries(pruned).filter(([, many]) => many > 0);
    for (const [what, many] of some) count(what, many);
    if (some.length > 0) log.info(Object.fromEntries(some), "what has had its time was removed");
  };
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(run)
      .catch((error: unknown) => log.warn({ error }, "what is old could not be removed"));
  }, runMs);
  timer.unref();
  lifetime.add("retention", async () => {
    clearInterval(timer);
    await running;
  });
}

async function pruneImages(
  images: Pick<LocalImageStore, "list" | "remove">,
  ageMs: number | null,
  nowMs: number,
) {
  if (ageMs === null) return 0;
  let removed = 0;
  for (const { digest, usedMs, holders } of (await images.list()).images) {
    if (holders.length > 0 || usedMs > nowMs - ageMs) continue;
    try {
      if (await images.remove(digest)) removed += 1;
    } catch (error) {
      // Somebody has begun to use it.
      if (!(error instanceof ImageError) || error.code !== "image-in-use") throw error;
    }
  }
  return removed;
}

/** What the API shows of keys, of what is kept, and of what is open. */
export function createUpkeep(
  { keep }: Pick<Config, "keep">,
  { database, secrets }: Pick<Ground, "database" | "secrets">,
): () => Promise<Upkeep> {
  const rules: Record<KeptKind, number | null> = {
    deployments: keep.deploymentsMs,
    campaigns: keep.deploymentsMs,
    operations: keep.operationsMs,
    events: keep.eventsMs,
    logs: keep.logsMs,
    audit: keep.auditMs,
  };
  return async () => {
    const { all, opens, seals, derives } = secrets.ids;
    const sealed = await database.resealing(secrets).count(all);
    const oldest = await database.retention.oldest();
    const open = await database.records.countOpen();
    return {
      keys: all.map((id) => ({
        id,
        does: [
          ...(id === seals ? (["seals"] as const) : []),
          ...(id !== seals && opens.includes(id) ? (["opens"] as const) : []),
          ...(id === derives ? (["derives"] as const) : []),
          ...(opens.includes(id) ? [] : (["waits"] as const)),
        ],
        sealed: sealed.get(id) ?? 0,
      })),
      open: open.reduce((sum, { count }) => sum + count, 0),
      kept: KEPT_KINDS.map((what) => {
        const at = oldest[what];
        return { what, forMs: rules[what], oldestAt: at === null ? null : new Date(at).toISOString() };
      }),
    };
  };
}
