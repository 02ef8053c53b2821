import { sql } from "kysely";
import { keyOf, likenessesOf, type StepTime, type StepTimes } from "../deploy/index.ts";
import type { Sql } from "./sql.ts";

/** So many deployments make the mean; of more, the latest count most. */
const WEIGHED = 20;

/** See `StepTimes`: a moving mean for each family, image and step. */
export function createStepTimes({ read, write }: Sql): StepTimes {
  return {
    note: async (likeness, times) => {
      if (times.length === 0) return;
      const rows = likenessesOf(likeness).flatMap((like) =>
        times.map(({ step, tookMs }) => ({ ...like, step, mean_ms: Math.round(tookMs), count: 1 })),
      );
      // In one order, so that two of them on PostgreSQL never wait for each other.
      const sorted = rows.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
      await write(({ db, now }) =>
        db
          .insertInto("step_times")
          .values(sorted.map((row) => ({ ...row, at: now })))
          .onConflict((conflict) =>
            conflict.columns(["family", "image", "step"]).doUpdateSet({
              mean_ms: sql`step_times.mean_ms + (excluded.mean_ms - step_times.mean_ms)
                / case when step_times.count < ${sql.lit(WEIGHED)} then step_times.count + 1 else ${sql.lit(WEIGHED)} end`,
              count: sql`step_times.count + 1`,
              at: now,
            }),
          )
          .execute(),
      );
    },
    find: async (likenesses) => {
      if (likenesses.length === 0) return new Map();
      const rows = await read
        .selectFrom("step_times")
        .selectAll()
        .where(
          "image",
          "in",
          likenesses.map(({ image }) => image),
        )
        .where(
          "family",
          "in",
          likenesses.map(({ family }) => family),
        )
        .execute();
      const wanted = new Set(likenesses.map(keyOf));
      const groups = Map.groupBy(rows, keyOf);
      return new Map(
        [...groups]
          .filter(([key]) => wanted.has(key))
          .map(([key, group]) => [
            key,
            group.map(({ step, mean_ms: meanMs, count }): StepTime => ({ step, meanMs, count })),
          ]),
      );
    },
  };
}

const orderOf = ({ image, family, step }: { image: string; family: string; step: string }) =>
  JSON.stringify([image, family, step]);
