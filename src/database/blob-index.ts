import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { BlobIndex, Claim, IndexedBlob, Owner } from "../images/index.ts";

/** One file, which is thrown away with the store that it belongs to: its tables need no migrations, only a version. */
const VERSION = 1;
const TABLES = `
  CREATE TABLE blobs (digest TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, used_ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE pins (holder TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (holder, key)) WITHOUT ROWID;
  CREATE INDEX pins_of_digest ON pins (digest);
  CREATE TABLE aliases (name TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE seen (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, version TEXT NOT NULL);
  CREATE TABLE owners (id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, seen_ms INTEGER NOT NULL,
    reserved INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE TABLE claims (key TEXT PRIMARY KEY, owner TEXT NOT NULL, bytes_read INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER, digest TEXT, failure TEXT, ended_ms INTEGER) WITHOUT ROWID;
`;
/** Came later, and beside the others: a process of an older release goes on with the same file. */
const SOURCES =
  "CREATE TABLE IF NOT EXISTS sources (digest TEXT PRIMARY KEY, shown TEXT NOT NULL) WITHOUT ROWID";

/** How many answers of requests without a checksum are remembered, and how long what became of a claim. */
const SEEN_KEPT = 1_000;
const ENDED_KEPT_MS = 60_000;

/**
 * Opens the index of an image store.
 *
 * NORMAL, since what a power cut takes back costs a fetch. Each change takes the write lock first, so that two processes
 * never decide on the same look.
 */
export function openBlobIndex(file: string): BlobIndex {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  const run = (sql: string, ...values: SQLInputValue[]) => ready(sql).run(...values);
  const all = <T>(sql: string, ...values: SQLInputValue[]): T[] => ready(sql).all(...values) as T[];
  const one = <T>(sql: string, ...values: SQLInputValue[]): T | undefined =>
    ready(sql).get(...values) as T | undefined;
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  function ready(sql: string): ReturnType<DatabaseSync["prepare"]> {
    const known = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, known);
    return known;
  }

  function change<T>(work: () => T): T {
    try {
      db.exec("BEGIN IMMEDIATE");
      const result = work();
      db.exec("COMMIT");
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw onDisk(error);
    }
  }

  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  change(() => {
    const { user_version: version } = one<{ user_version: number }>("PRAGMA user_version")!;
    if (version !== VERSION) db.exec(`${TABLES} PRAGMA user_version = ${VERSION}`);
    db.exec(SOURCES);
  });

  const FIND = "SELECT digest, size_bytes AS sizeBytes, used_ms AS usedMs FROM blobs";
  const drop = (digest: string): void => {
    run("DELETE FROM blobs WHERE digest = ?", digest);
    run("DELETE FROM pins WHERE digest = ?", digest);
    run("DELETE FROM aliases WHERE digest = ?", digest);
    run("DELETE FROM sources WHERE digest = ?", digest);
  };
  const bytesOf = (sql: string, ...values: SQLInputValue[]): number =>
    one<{ bytes: number | null }>(sql, ...values)!.bytes ?? 0;

  return {
    reconcile: (list) =>
      change(() => {
        const files = list();
        const there = new Set(files.map(({ digest }) => digest));
        for (const { digest } of all<IndexedBlob>(FIND)) if (!there.has(digest)) drop(digest);
        for (const { digest, sizeBytes, usedMs } of files)
          run("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", digest, sizeBytes, Math.trunc(usedMs));
      }),
    find: (digest) => one<IndexedBlob>(`${FIND} WHERE digest = ?`, digest),
    touch: (digest, nowMs) =>
      change(() => void run("UPDATE blobs SET used_ms = ? WHERE digest = ?", Math.trunc(nowMs), digest)),
    list() {
      const pins = all<{ holder: string; digest: string }>(
        "SELECT DISTINCT holder, digest FROM pins ORDER BY holder",
      );
      const holders = Map.groupBy(pins, ({ digest }) => digest);
      const listed = `SELECT digest, size_bytes AS sizeBytes, used_ms AS usedMs, shown AS source
        FROM blobs LEFT JOIN sources USING (digest) ORDER BY used_ms DESC`;
      return all<IndexedBlob & { source: string | null }>(listed).map((blob) => ({
        ...blob,
        holders: (holders.get(blob.digest) ?? []).map(({ holder }) => holder),
      }));
    },
    add: ({ digest, sizeBytes, usedMs }, place) =>
      change(() => {
        place();
        run("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)", digest, sizeBytes, Math.trunc(usedMs));
      }),
    remove: (digest, unlink, evenIfHeld) =>
      change(() => {
        if (one(`${FIND} WHERE digest = ?`, digest) === undefined) return "absent";
        if (!evenIfHeld && one("SELECT 1 FROM pins WHERE digest = ?", digest) !== undefined) return "held";
        drop(digest);
        unlink();
        return "removed";
      }),
    reserve: (owner, bytes, capBytes, unlink) =>
      change(() => {
        const used = bytesOf("SELECT SUM(size_bytes) AS bytes FROM blobs");
        const others = bytesOf("SELECT SUM(reserved) AS bytes FROM owners WHERE id <> ?", owner);
        let excess = used + others + bytes - capBytes;
        const gone: string[] = [];
        const free = `${FIND} WHERE digest NOT IN (SELECT digest FROM pins) ORDER BY used_ms`;
        for (const { digest, sizeBytes } of excess > 0 ? all<IndexedBlob>(free) : []) {
          if (excess <= 0) break;
          gone.push(digest);
          excess -= sizeBytes;
        }
        if (excess > 0) return false;
        for (const digest of gone) {
          drop(digest);
          unlink(digest);
        }
        run("UPDATE owners SET reserved = ? WHERE id = ?", bytes, owner);
        return true;
      }),

    pinned: (holder, key) =>
      one<{ digest: string }>("SELECT digest FROM pins WHERE holder = ? AND key = ?", holder, key)?.digest,
    pin: (holder, key, digest) =>
      change(() => void run("INSERT OR REPLACE INTO pins VALUES (?, ?, ?)", holder, key, digest)),
    unpin: (holder, key) =>
      change(() => void run("DELETE FROM pins WHERE holder = ? AND key = ?", holder, key)),
    release: (holder) => change(() => void run("DELETE FROM pins WHERE holder = ?", holder)),
    holders: () =>
      all<{ holder: string }>("SELECT DISTINCT holder FROM pins ORDER BY holder").map(({ holder }) => holder),

    setSource: (digest, shown) =>
      change(() => void run("INSERT OR REPLACE INTO sources VALUES (?, ?)", digest, shown)),
    alias: (name) => one<{ digest: string }>("SELECT digest FROM aliases WHERE name = ?", name)?.digest,
    setAlias: (name, digest) =>
      change(() => void run("INSERT OR REPLACE INTO aliases VALUES (?, ?)", name, digest)),
    seen(key) {
      const row = one<{ digest: string; version: string }>(
        "SELECT digest, version FROM seen WHERE key = ?",
        key,
      );
      return row === undefined
        ? undefined
        : { digest: row.digest, version: JSON.parse(row.version) as object };
    },
    setSeen: (key, digest, version) =>
      change(() => {
        const sql = "INSERT OR REPLACE INTO seen (key, digest, version) VALUES (?, ?, ?)";
        run(sql, key, digest, JSON.stringify(version));
        run("DELETE FROM seen WHERE number <= (SELECT MAX(number) FROM seen) - ?", SEEN_KEPT);
      }),

    beat: (owner) => change(() => beat(owner)),
    leave: (owner) =>
      change(() => {
        run("DELETE FROM claims WHERE owner = ? AND ended_ms IS NULL", owner);
        run("DELETE FROM owners WHERE id = ?", owner);
      }),
    claim: (key, owner, sinceMs, isAlive) => change(() => claim(key, owner, sinceMs, isAlive)),
    progress: (key, owner, bytesRead, sizeBytes) =>
      change(() => {
        const sql = "UPDATE claims SET bytes_read = ?, size_bytes = ? WHERE key = ? AND owner = ?";
        run(sql, bytesRead, sizeBytes, key, owner);
      }),
    end: (key, owner, outcome, nowMs) =>
      change(() => {
        const { changes } = run(
          "DELETE FROM claims WHERE key = ? AND owner = ? AND ended_ms IS NULL",
          key,
          owner,
        );
        run("DELETE FROM claims WHERE ended_ms < ?", Math.trunc(nowMs) - ENDED_KEPT_MS);
        if (outcome === null || changes === 0) return;
        const { digest = null, failure = null } = outcome as { digest?: string; failure?: string };
        const sql = "INSERT INTO claims (key, owner, digest, failure, ended_ms) VALUES (?, ?, ?, ?, ?)";
        run(sql, key, owner, digest, failure, Math.trunc(nowMs));
      }),
    close: () => db.close(),
  };

  function beat({ id, host, pid, seenMs }: Owner): void {
    const sql = `INSERT INTO owners (id, host, pid, seen_ms) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET seen_ms = excluded.seen_ms`;
    run(sql, id, host, pid, Math.trunc(seenMs));
  }

  function claim(key: string, owner: Owner, sinceMs: number, isAlive: (owner: Owner) => boolean): Claim {
    const row = one<ClaimRow>("SELECT * FROM claims WHERE key = ?", key);
    const isOthers = row !== undefined && row.ended_ms === null && row.owner !== owner.id;
    if (isOthers && isOwnedByLiving(row.owner, isAlive))
      return { state: "theirs", bytesRead: row.bytes_read, sizeBytes: row.size_bytes };
    if (row !== undefined && row.ended_ms !== null && row.ended_ms > Math.trunc(sinceMs)) {
      if (row.digest !== null) return { state: "landed", digest: row.digest };
      if (row.failure !== null) return { state: "failed", failure: row.failure };
    }
    // Whoever died gives back what was set aside for it.
    for (const { id, ...found } of owners())
      if (!isAlive({ id, ...found })) run("DELETE FROM owners WHERE id = ?", id);
    beat(owner);
    run("INSERT OR REPLACE INTO claims (key, owner) VALUES (?, ?)", key, owner.id);
    return { state: "mine" };
  }

  function owners(): Owner[] {
    return all<Owner>("SELECT id, host, pid, seen_ms AS seenMs FROM owners");
  }

  function isOwnedByLiving(id: string, isAlive: (owner: Owner) => boolean): boolean {
    const found = owners().find((owner) => owner.id === id);
    return found !== undefined && isAlive(found);
  }
}

interface ClaimRow {
  owner: string;
  bytes_read: number;
  size_bytes: number | null;
  digest: string | null;
  failure: string | null;
  ended_ms: number | null;
}

/** SQLITE_FULL, in the words of the file system. */
function onDisk(error: unknown): unknown {
  const isFull = (error as { errcode?: number }).errcode === 13;
  return isFull
    ? Object.assign(new Error("the index cannot grow", { cause: error }), { code: "ENOSPC" })
    : error;
}
