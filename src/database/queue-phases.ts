import { sql } from "kysely";
import type { QueuePhases } from "../api/index.ts";
import type { Sql } from "./sql.ts";

const NAMES = {
  "waiting-node": "waitingNode",
  idle: "parked",
  queued: "queued",
  running: "running",
} as const;
const OPEN = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** Counts the records that have not ended by their phase. @param nowMs by the database's clock */
export async function countPhases({ read }: Pick<Sql, "read">, nowMs: number): Promise<QueuePhases> {
  const rows = await read
    .selectFrom("records")
    // By the index of states: those that have ended are a hundred thousand.
    .where("state", "in", ["queued", "running"])
    .where("phase", "in", OPEN)
    .select(["phase", ({ fn }) => fn.countAll<number>().as("count")])
    .select(sql<number | null>`min(case when due_at <= ${nowMs} then due_at end)`.as("first"))
    .select(sql<number | null>`sum(case when due_at <= ${nowMs} then 1 else 0 end)`.as("late"))
    .groupBy("phase")
    .execute();
  const counts: QueuePhases = {
    waitingNode: 0,
    parked: 0,
    queued: 0,
    running: 0,
    overdue: 0,
    longestOverdueMs: 0,
  };
  for (const { phase, count, late, first } of rows) {
    counts[NAMES[phase as keyof typeof NAMES]] = Number(count);
    // What a worker has is not late: its time is the end of the lease.
    if (phase === "running") continue;
    counts.overdue += Number(late ?? 0);
    if (first !== null) counts.longestOverdueMs = Math.max(counts.longestOverdueMs, nowMs - Number(first));
  }
  return counts;
}
