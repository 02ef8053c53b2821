import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Transcripts } from "../deploy/index.ts";
import type { Sql } from "./sql.ts";

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Of a conversation so many pieces from its beginning and so many of its end are kept; a look makes one. */
const FIRST = 16;
const NEWEST = 48;
/** Of zlib's levels: every look packs a piece, and repetition is found at any. */
const QUICK = 1;
/** How much of one record is read at a time by whoever asks for it. */
const MOST_BYTES = 32 * 1024 * 1024;

/** See `Transcripts`. A piece is packed, since BMCs repeat themselves. */
export function createTranscripts(database: Sql): Transcripts {
  return {
    async add(recordId, exchanges) {
      const content = (await pack(JSON.stringify(exchanges), { level: QUICK })).toString("base64");
      await database.write(async ({ db, now }) => {
        const { last } = await db
          .selectFrom("transcripts")
          .select(({ fn }) => fn.max("seq").as("last"))
          .where("record_id", "=", recordId)
          .executeTakeFirstOrThrow();
        const seq = Number(last ?? 0) + 1;
        await db.insertInto("transcripts").values({ record_id: recordId, seq, at: now, content }).execute();
        await db
          .deleteFrom("transcripts")
          .where("record_id", "=", recordId)
          .where("seq", ">", FIRST)
          .where("seq", "<=", seq - NEWEST)
          .execute();
      });
    },
    async read(recordId) {
      const rows = await database.read
        .selectFrom("transcripts")
        .select("content")
        .where("record_id", "=", recordId)
        .orderBy("seq")
        .execute();
      const pieces = await Promise.all(
        rows.map(({ content }) => unpack(Buffer.from(content, "base64"), { maxOutputLength: MOST_BYTES })),
      );
      return pieces.flatMap((piece) => JSON.parse(piece.toString()) as []);
    },
  };
}
