import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { ulid } from "ulid";
import type { Selectable } from "kysely";
import type { RecordRow as Columns } from "../src/database/tables.ts";

/** Where the server keeps its records: a file of SQLite's, or a PostgreSQL. */
export type Kept = { file: string } | { url: string };

export interface Past {
  count: number;
  /** Nodes that they are spread over. */
  nodes: number;
}

/** What became of them, of a hundred. */
const OUTCOMES = [
  ["failed", 8],
  ["cancelled", 2],
  ["succeeded", 90],
] as const;
const TEAMS = ["red", "green", "blue", "grey"];
/** Each wave has so many deployments. */
const WAVE = 500;
const SPAN_MS = 90 * 86_400_000;
const ROWS_AT_ONCE = 500;

type RecordRow = Selectable<Columns>;
type Row = Record<string, string | number | null>;

/** Tables as rows are read from them and put into them. */
interface Tables {
  newest(): Promise<RecordRow>;
  insert(table: string, rows: readonly Row[]): Promise<void>;
  /** As a database that has been at work knows its tables. */
  analyze(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes so many past deployments of the newest one that there is, each with its record and labels and without events, over
 * the 90 days before.
 */
export async function makePast(kept: Kept, { count, nodes }: Past): Promise<void> {
  const tables = "file" in kept ? openFile(kept.file) : await openUrl(kept.url);
  try {
    const model = await tables.newest();
    for (let from = 0; from < count; from += ROWS_AT_ONCE) {
      const numbers = Array.from({ length: Math.min(ROWS_AT_ONCE, count - from) }, (_, n) => from + n);
      const made = numbers.map((n) => copyOf(model, n, { count, nodes }));
      await tables.insert(
        "records",
        made.map(({ row }) => row),
      );
      await tables.insert(
        "labels",
        made.flatMap(({ labels }) => labels),
      );
    }
    await tables.analyze();
  } finally {
    await tables.close();
  }
}

/** The n-th of them, from the oldest on. */
function copyOf(model: RecordRow, n: number, { count, nodes }: Past): { row: Row; labels: Row[] } {
  const createdMs = Number(model.created_at) - SPAN_MS + Math.floor((n * (SPAN_MS - 3_600_000)) / count);
  const at = new Date(createdMs).toISOString();
  const id = `dep_${ulid(createdMs)}`;
  const number = (n * 7919) % nodes;
  const node = { id: `node_${String(number).padStart(26, "0")}`, name: `past-${number}` };
  const state = outcomeOf(n);
  const labels = { team: TEAMS[n % TEAMS.length]!, wave: String(Math.floor(n / WAVE)) };
  const view = JSON.parse(model.view) as Record<string, unknown> & { request: object };
  const request = { ...view.request, nodeId: node.id, labels };
  const copy = { ...view, id, node, state, request, createdAt: at, startedAt: at, endedAt: at };
  const row = { ...model, id, node_id: node.id, state, view: JSON.stringify(copy), created_at: createdMs };
  return {
    row: { ...row, callback_hash: null, sealed_secrets: null },
    labels: Object.entries(labels).map(([name, value]) => ({ owner_id: id, name, value })),
  };
}

function outcomeOf(n: number): string {
  let share = (n * 37) % 100;
  for (const [state, percent] of OUTCOMES) {
    if (share < percent) return state;
    share -= percent;
  }
  throw new Error("the outcomes are not a hundred");
}

const NEWEST = "select * from records where kind = 'deployment' and phase = 'done' order by id desc limit 1";

function statementFor(table: string, rows: readonly Row[], mark: (n: number) => string): string {
  const columns = Object.keys(rows[0]!);
  const values = rows.map((_, at) => `(${columns.map((__, n) => mark(at * columns.length + n)).join(", ")})`);
  return `insert into ${table} (${columns.join(", ")}) values ${values.join(", ")}`;
}

function openFile(file: string): Tables {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  return {
    newest: async () => database.prepare(NEWEST).get() as unknown as RecordRow,
    insert: async (table, rows) => {
      database
        .prepare(statementFor(table, rows, () => "?"))
        .run(...rows.flatMap((row) => Object.values(row)));
    },
    analyze: async () => undefined,
    close: async () => database.close(),
  };
}

async function openUrl(url: string): Promise<Tables> {
  const client = new pg.Client(url);
  await client.connect();
  return {
    newest: async () => (await client.query<RecordRow>(NEWEST)).rows[0]!,
    insert: async (table, rows) => {
      const statement = statementFor(table, rows, (n) => `$${n + 1}`);
      await client.query(
        statement,
        rows.flatMap((row) => Object.values(row)),
      );
    },
    analyze: async () => void (await client.query("analyze")),
    close: () => client.end(),
  };
}
