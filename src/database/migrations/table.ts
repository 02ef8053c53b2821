import { type ColumnDataType, type CreateTableBuilder, type Kysely, sql } from "kysely";

export type Dialect = "sqlite" | "postgres";

type Table = CreateTableBuilder<string, string>;

type Columns = Record<string, ColumnDataType | [ColumnDataType, "null"]>;

/** Columns may not be null unless they say so. */
export function table(db: Kysely<unknown>, dialect: Dialect, name: string, columns: Columns): Table {
  const empty: Table = db.schema.createTable(name);
  return Object.entries(columns).reduce((made, [column, spec]) => {
    const [type, canBeNull] = typeof spec === "string" ? [spec, false] : [spec[0], true];
    const kept = type === "text" ? textOf(dialect) : type;
    return made.addColumn(column, kept, (built) => (canBeNull ? built : built.notNull()));
  }, empty);
}

/** Ordered by its bytes on both databases, whatever language PostgreSQL was set up for. */
export function textOf(dialect: Dialect) {
  return dialect === "sqlite" ? "text" : sql`text collate "C"`;
}

/** SQLite numbers the positions of events itself; on PostgreSQL they are made of the transaction's number. */
export function addPosition(empty: Table, dialect: Dialect): Table {
  return dialect === "sqlite"
    ? empty.addColumn("position", "integer", (column) => column.primaryKey().autoIncrement())
    : empty.addColumn("position", "bigint", (column) => column.primaryKey());
}
