import { createHash } from "node:crypto";
import { ulid } from "ulid";
import type { RequestBlob, RequestBlobs, Seals } from "../deploy/index.ts";
import type { Sql } from "./sql.ts";

/** Small enough that no transaction holds others up for long. */
const PIECE_BYTES = 1024 * 1024;
const KEPT_MS = 24 * 3600 * 1000;

interface Row {
  id: string;
  digest: string;
  size_bytes: number;
  until: number;
}

/** See `RequestBlobs`. Pieces come first and the row last, so that a blob is whole or not there. */
export function createRequestBlobs(database: Sql, seals: Pick<Seals, "seal" | "open">): RequestBlobs {
  async function find(id: string): Promise<Row | undefined> {
    const row = await database.read
      .selectFrom("request_blobs")
      .select(["id", "digest", "size_bytes", "until"])
      .where("id", "=", id)
      .executeTakeFirst();
    return row === undefined || row.until <= (await database.now()) ? undefined : row;
  }

  async function readPiece(id: string, seq: number): Promise<Buffer | undefined> {
    const row = await database.read
      .selectFrom("request_blob_pieces")
      .select("sealed")
      .where("blob_id", "=", id)
      .where("seq", "=", seq)
      .executeTakeFirst();
    return row && Buffer.from(seals.open(row.sealed, pieceName(id, seq)), "base64");
  }

  return {
    async add(content) {
      const id = `blob_${ulid()}`;
      const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
      const until = Math.trunc(await database.now()) + KEPT_MS;
      for (let seq = 0; seq * PIECE_BYTES < content.length; seq += 1) {
        const piece = content.subarray(seq * PIECE_BYTES, (seq + 1) * PIECE_BYTES);
        const sealed = seals.seal(piece.toString("base64"), pieceName(id, seq));
        const row = { blob_id: id, seq, sealed, until };
        await database.write(({ db }) => db.insertInto("request_blob_pieces").values(row).execute());
      }
      const row = { id, digest, size_bytes: content.length, until };
      await database.write(({ db }) => db.insertInto("request_blobs").values(row).execute());
      return shown(row);
    },
    async find(id) {
      const row = await find(id);
      return row && shown(row);
    },
    async read(id) {
      const row = await find(id);
      if (row === undefined) return undefined;
      const pieces: Buffer[] = [];
      for (let seq = 0; seq * PIECE_BYTES < row.size_bytes; seq += 1) {
        const piece = await readPiece(id, seq);
        if (piece === undefined) return undefined;
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    },
    keep: (id, forMs) =>
      database.write(async ({ db, now }) => {
        const found = await db
          .selectFrom("request_blobs")
          .select("until")
          .where("id", "=", id)
          .where("until", ">", now)
          .executeTakeFirst();
        if (found === undefined) return false;
        const until = Math.max(found.until, Math.trunc(database.clock() + forMs));
        await db.updateTable("request_blobs").set({ until }).where("id", "=", id).execute();
        await db.updateTable("request_blob_pieces").set({ until }).where("blob_id", "=", id).execute();
        return true;
      }),
  };
}

/** What a piece is bound to: it is sealed for its own place. */
export const pieceName = (id: string, seq: number): string => `${id}/${seq}`;

function shown({ id, digest, size_bytes: sizeBytes, until }: Row): RequestBlob {
  return { id, digest, sizeBytes, expiresAt: new Date(until).toISOString() };
}
