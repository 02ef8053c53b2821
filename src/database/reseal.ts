import { type RawBuilder, sql } from "kysely";
import { templateOf } from "../campaigns/index.ts";
import { AGENT_IMAGES, placeOfExtents } from "../deploy/index.ts";
import { NodeError, passwordOf, placeOfAgentImage, type SecretBox } from "../nodes/index.ts";
import { secretOf } from "../webhooks/index.ts";
import { placeOfBoot } from "./agent-boots.ts";
import { placeOfSession } from "./bmcs/sessions.ts";
import { pieceName } from "./request-blobs.ts";
import type { Sql, Transaction } from "./sql.ts";
import type { Tables } from "./tables.ts";

/** What is sealed under which key, and how it gets under the newest. */
export interface Resealing {
  /** How many texts each of these keys has sealed. */
  count(keyIds: readonly string[]): Promise<Map<string, number>>;
  /**
   * Seals everything anew that was sealed under another key than the one that seals, some rows in a transaction. What cannot
   * be opened stays as it is.
   *
   * @param goOn asked between transactions
   * @returns how many texts were sealed anew, and how many could not be opened
   */
  reseal(goOn: () => boolean): Promise<{ sealed: number; unreadable: number }>;
}

/** A column with sealed texts. */
interface Place {
  table: keyof Tables;
  column: string;
  /** Columns of the primary key, which order the rows. */
  key: readonly string[];
  /** What the sealed text is bound to; of JSON, `whole` is the object that holds it. */
  boundTo: (key: readonly (string | number)[], whole: Whole) => string;
  /** Name of the field, at any depth, where the column is JSON that holds sealed texts. */
  field?: string;
}

type Whole = { disc?: { id: string } };

const text = (value: string | number | undefined) => String(value);

const PLACES: readonly Place[] = [
  { table: "nodes", column: "sealed_password", key: ["id"], boundTo: ([id]) => passwordOf(text(id)) },
  { table: "records", column: "sealed_secrets", key: ["id"], boundTo: ([id]) => text(id) },
  {
    table: "request_blob_pieces",
    column: "sealed",
    key: ["blob_id", "seq"],
    boundTo: ([id, seq]) => pieceName(text(id), Number(seq)),
  },
  { table: "agent_boots", column: "sealed", key: ["id"], boundTo: ([id]) => placeOfBoot(text(id)) },
  { table: "campaigns", column: "sealed_template", key: ["id"], boundTo: ([id]) => templateOf(text(id)) },
  { table: "webhooks", column: "sealed_secret", key: ["id"], boundTo: ([id]) => secretOf(text(id)) },
  { table: "bmc_sessions", column: "sealed", key: ["key"], boundTo: ([key]) => placeOfSession(text(key)) },
  {
    table: "exposures",
    column: "body",
    field: "sealedExtents",
    key: ["secret_hash"],
    boundTo: (_, { disc }) => placeOfExtents(disc!.id),
  },
  {
    table: "nodes",
    column: "body",
    field: "sealedAuth",
    key: ["id"],
    boundTo: ([id]) => placeOfAgentImage(text(id)),
  },
  {
    table: "settings",
    column: "value",
    field: "sealedAuth",
    key: ["name"],
    boundTo: () => placeOfAgentImage(AGENT_IMAGES),
  },
];

type Box = Pick<SecretBox, "seal" | "open" | "ids">;

/** Rows of one transaction. */
const BATCH = 100;

export function createResealing(database: Sql, box: Box): Resealing {
  return {
    async count(keyIds) {
      const counts = new Map<string, number>();
      for (const id of keyIds) {
        let sum = 0;
        for (const place of PLACES) sum += await countUnder(database, place, id);
        counts.set(id, sum);
      }
      return counts;
    },
    async reseal(goOn) {
      const sum = { sealed: 0, unreadable: 0 };
      for (const place of PLACES) {
        let after: Key | undefined;
        do {
          const done = await database.write((transaction) => resealSome(transaction, place, box, after));
          sum.sealed += done.sealed;
          sum.unreadable += done.unreadable;
          after = done.last;
        } while (after !== undefined && goOn());
      }
      return sum;
    },
  };
}

type Key = readonly (string | number)[];

/** How a text begins, or what stands in the JSON, that was sealed under a key. */
function markOf({ field }: Place, keyId: string): string {
  // Underscores mean any character to "like", and a key's id may have them.
  const id = keyId.replaceAll("_", "!_");
  return field === undefined ? `v1.${id}.%` : `%"${field}":"v1.${id}.%`;
}

function isUnder(place: Place, keyId: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(place.column)} like ${markOf(place, keyId)} escape '!'`;
}

/** What is under no key at all, as settings that are no secrets, is not meant; JSON may have several texts, of many keys. */
function isUnderOlder(place: Place, { seals, all }: SecretBox["ids"]): RawBuilder<boolean> {
  const column = sql.ref(place.column);
  if (place.field === undefined)
    return sql<boolean>`${column} like 'v1.%' and not (${isUnder(place, seals)})`;
  const older = all.filter((id) => id !== seals).map((id) => isUnder(place, id));
  return older.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`(${sql.join(older, sql` or `)})`;
}

async function countUnder({ read }: Sql, place: Place, keyId: string): Promise<number> {
  const { rows } = await sql<{
    count: number | string;
  }>`select count(*) as count from ${sql.table(place.table)}
    where ${isUnder(place, keyId)}`.execute(read);
  return Number(rows[0]!.count);
}

async function resealSome(
  { db }: Transaction,
  place: Place,
  box: Box,
  after: Key | undefined,
): Promise<{ sealed: number; unreadable: number; last: Key | undefined }> {
  const key = sql.join(place.key.map((name) => sql.ref(name)));
  const beyond = after === undefined ? sql`` : sql`and (${key}) > (${sql.join(after)})`;
  const column = sql.ref(place.column);
  const { rows } = await sql<Record<string, string | number>>`select ${key}, ${column}
    from ${sql.table(place.table)} where ${isUnderOlder(place, box.ids)} ${beyond}
    order by ${key} limit ${BATCH}`.execute(db);
  const done = { sealed: 0, unreadable: 0 };
  for (const row of rows) {
    const own = place.key.map((name) => row[name]!);
    const old = String(row[place.column]);
    const anew = sealAnew(place, own, old, box);
    if (anew === undefined) {
      done.unreadable += 1;
      continue;
    }
    // Whoever has written it meanwhile has sealed it under the newest key.
    const { numAffectedRows } = await sql`update ${sql.table(place.table)} set ${column} = ${anew}
      where (${key}) = (${sql.join(own)}) and ${column} = ${old}`.execute(db);
    done.sealed += Number(numAffectedRows ?? 0);
  }
  const last = rows.length < BATCH ? undefined : place.key.map((name) => rows.at(-1)![name]!);
  return { ...done, last };
}

/** @returns undefined where its key is not there any more */
function sealAnew(place: Place, key: Key, old: string, box: Box): string | undefined {
  const again = (sealed: string, boundTo: string) => box.seal(box.open(sealed, boundTo), boundTo);
  try {
    if (place.field === undefined) return again(old, place.boundTo(key, {}));
    const whole = JSON.parse(old) as Whole;
    const boundTo = place.boundTo(key, whole);
    const isSealed = (name: string, value: unknown) => name === place.field && typeof value === "string";
    return JSON.stringify(whole, (name, value: unknown) =>
      isSealed(name, value) ? again(value as string, boundTo) : value,
    );
  } catch (error) {
    if (error instanceof NodeError && error.code === "secret-unreadable") return undefined;
    throw error;
  }
}
