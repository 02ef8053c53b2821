import { randomUUID } from "node:crypto";
import { type DeployEvent, foldAll, type RecordView } from "../deploy/index.ts";
import { insertEvents } from "./records/rows.ts";
import type { Sql, Transaction } from "./sql.ts";

/** What tells one life of a database from another. */
export interface Life {
  /** Drawn anew when a database begins, and when it was found to be restored. */
  id: string;
  /** Grows while anybody uses the database. */
  pulse: number;
}

/** How a database stands towards what is known of it elsewhere. */
export interface Lineage {
  /**
   * Reads the life of this database, begun where it has none yet.
   *
   * @returns with why the database itself shows that it is a copy, null where it does not; new before the first pulse
   */
  read(): Promise<Life & { copied: string | null; isNew: boolean }>;
  /** Raises the pulse. */
  beat(): Promise<Life>;
  /**
   * Begins another life, in which no record of the old one is under way. Several processes may come to this at once: only
   * the first, in whose eyes the life is still `old`, does anything.
   *
   * @param end what ends a record that was under way; without it they go on
   * @returns how many were ended
   */
  begin(old: Life, end: ((view: RecordView, nowMs: number) => DeployEvent[]) | undefined): Promise<number>;
}

/** Records of one transaction, which may have a few thousand events. */
const BATCH = 1000;

/** Names in the table of settings. */
const LIFE = "life";
const PLACE = "life-place";
/** Written into a copy by `trayload backup`. */
export const COPIED = "copied-at";

export function createLineage({ write, place, now }: Sql): Lineage {
  const within = <T>(work: (transaction: Transaction) => Promise<T>) =>
    write(async (transaction) => {
      await transaction.exclude("lineage");
      return work(transaction);
    });
  return {
    read: () => within((transaction) => read(transaction, place)),
    beat: () =>
      within(async (transaction) => {
        const { id, pulse } = await read(transaction, place);
        const life = { id, pulse: pulse + 1 };
        await put(transaction, LIFE, JSON.stringify(life));
        return life;
      }),
    async begin(old, end) {
      let ended = 0;
      for (;;) {
        const some = await within((transaction) => endSome(transaction, old, place, end));
        if (some === undefined) return ended;
        ended += some;
      }
    },
  };

  /** @returns how many have ended; undefined when the new life has begun */
  async function endSome(
    transaction: Transaction,
    old: Life,
    here: string | null,
    end: Parameters<Lineage["begin"]>[1],
  ): Promise<number | undefined> {
    if ((await read(transaction, here)).id !== old.id) return undefined;
    const nowMs = await now();
    const ended = end === undefined ? 0 : await endOpen(transaction, (view) => end(view, nowMs));
    if (ended > 0) return ended;
    await put(transaction, LIFE, JSON.stringify({ id: randomUUID(), pulse: 0 }));
    if (here !== null) await put(transaction, PLACE, here);
    await transaction.db.deleteFrom("settings").where("name", "=", COPIED).execute();
    return undefined;
  }
}

async function read(transaction: Transaction, place: string | null) {
  const kept = await get(transaction, LIFE);
  if (kept === undefined) {
    const life = { id: randomUUID(), pulse: 0 };
    await put(transaction, LIFE, JSON.stringify(life));
    if (place !== null) await put(transaction, PLACE, place);
    return { ...life, copied: null, isNew: true };
  }
  const copiedAt = await get(transaction, COPIED);
  const before = await get(transaction, PLACE);
  const isElsewhere = place !== null && before !== undefined && before !== place;
  const copied =
    copiedAt === undefined
      ? isElsewhere
        ? "it was put into another database than the one that it was used in"
        : null
      : `it is a backup of ${copiedAt}`;
  const life = JSON.parse(kept) as Life;
  return { ...life, copied, isNew: life.pulse === 0 && copied === null };
}

async function get({ db }: Transaction, name: string): Promise<string | undefined> {
  const row = await db.selectFrom("settings").select("value").where("name", "=", name).executeTakeFirst();
  return row?.value;
}

async function put({ db }: Transaction, name: string, value: string): Promise<void> {
  await db
    .insertInto("settings")
    .values({ name, value })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .execute();
}

/** Ends some of those that are open, and lets their nodes go. @returns how many */
async function endOpen(transaction: Transaction, end: (view: RecordView) => DeployEvent[]): Promise<number> {
  const { db } = transaction;
  const unfinished = db.selectFrom("records").select(["id", "view"]).where("phase", "<>", "done");
  const open = await unfinished.limit(BATCH).execute();
  for (const { id, view: kept } of open) {
    const before = JSON.parse(kept) as RecordView;
    const events = end(before);
    const view = foldAll(before, events);
    await insertEvents(transaction, id, events);
    await db
      .updateTable("records")
      .set({
        phase: "done",
        waits_node: 0,
        due_at: null,
        state: view.state,
        version: view.version,
        view: JSON.stringify(view),
      })
      .where("id", "=", id)
      .execute();
    await db.deleteFrom("inbox").where("record_id", "=", id).execute();
  }
  await db.updateTable("node_locks").set({ holder: null }).execute();
  return open.length;
}
