import { type SelectQueryBuilder, sql } from "kysely";
import type { Log } from "../deploy/index.ts";
import type { Sql, Transaction } from "./sql.ts";
import type { Tables } from "./tables.ts";

/** How long an answer is given again to the same `Idempotency-Key`. */
export const ANSWER_KEPT_MS = 24 * 3600 * 1000;
/** After this long without an answer the process that was to give it is taken for dead. */
export const ABANDONED_MS = 10 * 60 * 1000;

/** Images that nobody has deployed for so long are forgotten. */
const STEP_TIMES_KEPT_MS = 180 * 24 * 3600 * 1000;

const SWEEP_EVERY_MS = 60_000;
/** Rows removed in one transaction, so that nobody waits long behind it. */
const BATCH = 500;

/** Removes what has had its time, so that tables do not grow with everything that ever was. */
export interface Sweeper {
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** Sweeps every minute; one that fails is told, and the next makes it good. */
export function createSweeper(
  database: Pick<Sql, "write">,
  log: Pick<Log, "warn">,
  everyMs = SWEEP_EVERY_MS,
): Sweeper {
  let sweeping = Promise.resolve();
  let isClosed = false;

  async function sweep(): Promise<void> {
    for (const remove of [
      removeAnswers,
      removeAbandoned,
      removeExposures,
      removeLeases,
      removeBlobs,
      removePieces,
      removeStepTimes,
    ]) {
      let removed = BATCH;
      while (removed === BATCH && !isClosed)
        removed = await database.write(async (transaction) => {
          // Processes that sweep together would wait for each other's rows in a circle.
          await transaction.exclude("sweep");
          return remove(transaction);
        });
    }
  }

  const timer = setInterval(() => {
    sweeping = sweeping
      .then(sweep)
      .catch((error: unknown) => log.warn({ error }, "what has had its time could not be removed"));
  }, everyMs);
  timer.unref();
  return {
    sweep,
    async close() {
      isClosed = true;
      clearInterval(timer);
      await sweeping;
    },
  };
}

function ago({ now }: Transaction, ms: number) {
  return sql<number>`${now} - ${ms}`;
}

const removeAnswers = (transaction: Transaction) =>
  removeUses(transaction, (uses) => uses.where("started_at", "<", ago(transaction, ANSWER_KEPT_MS)));

const removeAbandoned = (transaction: Transaction) =>
  removeUses(transaction, (uses) =>
    uses.where("answer", "is", null).where("started_at", "<", ago(transaction, ABANDONED_MS)),
  );

type Uses = SelectQueryBuilder<
  Tables,
  "idempotency",
  Pick<Tables["idempotency"], "token_id" | "route" | "key">
>;

async function removeUses({ db }: Transaction, overdue: (uses: Uses) => Uses): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("idempotency")
    .where((builder) => {
      const uses = builder.selectFrom("idempotency").select(["token_id", "route", "key"]);
      const some = overdue(uses).limit(BATCH);
      const tuple = builder.refTuple("token_id", "route", "key");
      return builder(tuple, "in", some.$asTuple("token_id", "route", "key"));
    })
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Nobody finds them any more; what they served has been told in the record. */
async function removeExposures({ db, now }: Transaction): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("exposures")
    .where("secret_hash", "in", (inner) =>
      inner.selectFrom("exposures").select("secret_hash").where("until", "<=", now).limit(BATCH),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Leases whose holders died, of BMCs that nobody has asked for since. */
async function removeLeases({ db, now }: Transaction): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("leases")
    .where("name", "in", (inner) =>
      inner.selectFrom("leases").select("name").where("until", "<=", now).limit(BATCH),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

async function removeBlobs({ db, now }: Transaction): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("request_blobs")
    .where("id", "in", (inner) =>
      inner.selectFrom("request_blobs").select("id").where("until", "<=", now).limit(BATCH),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Those too whose blob never became whole. */
async function removePieces({ db, now }: Transaction): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("request_blob_pieces")
    .where((builder) => {
      const overdue = builder
        .selectFrom("request_blob_pieces")
        .select(["blob_id", "seq"])
        .where("until", "<=", now)
        .limit(BATCH);
      return builder(builder.refTuple("blob_id", "seq"), "in", overdue.$asTuple("blob_id", "seq"));
    })
    .executeTakeFirst();
  return Number(numDeletedRows);
}

async function removeStepTimes(transaction: Transaction): Promise<number> {
  const { db } = transaction;
  const { numDeletedRows } = await db
    .deleteFrom("step_times")
    .where((builder) => {
      const old = builder
        .selectFrom("step_times")
        .select(["image", "family", "step"])
        .where("at", "<", ago(transaction, STEP_TIMES_KEPT_MS))
        .limit(BATCH);
      return builder(
        builder.refTuple("image", "family", "step"),
        "in",
        old.$asTuple("image", "family", "step"),
      );
    })
    .executeTakeFirst();
  return Number(numDeletedRows);
}
