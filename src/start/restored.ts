import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { type CampaignStore, pause } from "../campaigns/index.ts";
import type { Config } from "../config.ts";
import type { Database, Life } from "../database/index.ts";
import { interrupt, type RecordView } from "../deploy/index.ts";
import type { Lifetime } from "./lifetime.ts";

/** What this data directory remembers of the database, so that one that is older than that is known as such. */
const FILE = "database-life.json";
const BEAT_MS = 60_000;

type Settings = Pick<Config, "dataDir" | "databaseUrl" | "afterRestore">;

/**
 * Before anything is done: sees whether the database was restored from a copy. What was under way when the copy was made is
 * ended then without a word to any BMC, since the machines have gone on without being remembered: a deployment that was
 * resumed would switch off what was installed long ago. Campaigns are paused.
 */
export async function settleRestored(
  { dataDir, databaseUrl, afterRestore }: Settings,
  { lineage, campaigns }: Pick<Database, "lineage" | "campaigns">,
  log: Pick<Logger, "warn">,
  lifetime: Pick<Lifetime, "add">,
): Promise<void> {
  const file = join(dataDir, FILE);
  const life = await lineage.read();
  const why = life.isNew ? null : (life.copied ?? suspect(life, recall(file), databaseUrl === undefined));
  if (why !== null) {
    if (afterRestore === "interrupt") await pauseAll(campaigns);
    const end =
      afterRestore === "resume"
        ? undefined
        : (view: RecordView, nowMs: number) => interrupt(view, nowMs, why);
    const ended = await lineage.begin(life, end);
    log.warn(
      { why, ended },
      "the database was restored: what was under way has ended, and campaigns are paused",
    );
  }
  // Before the first pulse, so that whoever dies in between leaves nothing that looks like another's database.
  const begun = await lineage.read();
  if (begun.isNew) remember(file, begun);
  const beat = async () => remember(file, await lineage.beat());
  await beat();
  let beating = Promise.resolve();
  const timer = setInterval(() => {
    beating = beating.then(beat).catch((error: unknown) => log.warn({ error }, "the database has no pulse"));
  }, BEAT_MS);
  timer.unref();
  lifetime.add("pulse of the database", async () => {
    clearInterval(timer);
    await beating;
  });
}

/** What a campaign would begin may have been begun since. */
async function pauseAll(campaigns: Pick<CampaignStore, "list" | "change">): Promise<void> {
  for (;;) {
    const open = await campaigns.list({ states: ["running"], scope: {}, limit: 100 });
    if (open.length === 0) return;
    for (const { campaign } of open)
      await campaigns.change(campaign.id, (now, nowMs) =>
        pause(now.campaign, { by: "restore", at: new Date(nowMs).toISOString(), reason: "asked" }),
      );
  }
}

/** @param isBeside whether the database lies in this very directory, so that both are always used together */
function suspect(life: Life, seen: Life | undefined, isBeside: boolean): string | null {
  if (seen?.id === life.id)
    return life.pulse < seen.pulse ? "it is older than what this data directory has seen of it" : null;
  return isBeside ? "it was put into a data directory that it was not used in" : null;
}

function recall(file: string): Life | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Life;
  } catch {
    // Not there, or cut off by a crash: as good as not remembered.
    return undefined;
  }
}

function remember(file: string, { id, pulse }: Life): void {
  writeFileSync(`${file}.new`, `${JSON.stringify({ id, pulse })}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
