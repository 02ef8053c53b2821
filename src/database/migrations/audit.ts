import { type Kysely, sql } from "kysely";
import { type Dialect, table } from "./table.ts";

export async function createAudit(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "audit", {
    seq: "bigint",
    at: "bigint",
    who: ["text", "null"],
    action: "text",
    target: "text",
    outcome: "text",
    hash: "text",
    body: "text",
  })
    .addPrimaryKeyConstraint("audit_pk", ["seq"])
    .execute();
  await sql`create index audit_who on audit (who, seq)`.execute(db);
  await sql`create index audit_target on audit (target, seq)`.execute(db);
  if (dialect === "sqlite") {
    const refusal = sql.lit("the audit is only added to");
    await sql`create trigger audit_stays before update on audit begin select raise(abort, ${refusal}); end`.execute(
      db,
    );
    await sql`create trigger audit_kept before delete on audit begin select raise(abort, ${refusal}); end`.execute(
      db,
    );
    return;
  }
  await sql`create function refuse_audit_change() returns trigger language plpgsql as
    $$ begin raise exception 'the audit is only added to'; end $$`.execute(db);
  await sql`create trigger audit_kept before update or delete on audit
    for each row execute function refuse_audit_change()`.execute(db);
}

/**
 * Lets the beginning of the audit be cut off, behind a mark that stays: entries up to the highest mark may be removed, all
 * others may not, and a mark may neither be changed nor removed.
 */
export async function createAuditCuts(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await db.schema
    .createTable("audit_cuts")
    .addColumn("seq", "bigint", (column) => column.primaryKey())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .execute();
  if (dialect === "sqlite") {
    const refusal = sql.lit("the audit is only added to");
    const highest = sql`(select coalesce(max(seq), 0) from audit_cuts)`;
    await sql`drop trigger audit_kept`.execute(db);
    await sql`create trigger audit_kept before delete on audit when old.seq > ${highest}
      begin select raise(abort, ${refusal}); end`.execute(db);
    for (const verb of ["update", "delete"] as const)
      await sql`create trigger ${sql.raw(`audit_cuts_no_${verb}`)} before ${sql.raw(verb)} on audit_cuts
        begin select raise(abort, ${refusal}); end`.execute(db);
    return;
  }
  await sql`create or replace function refuse_audit_change() returns trigger language plpgsql as $$ begin
    if tg_op = 'DELETE' and tg_table_name = 'audit' then
      if old.seq <= (select coalesce(max(seq), 0) from audit_cuts) then return old; end if;
    end if;
    raise exception 'the audit is only added to'; end $$`.execute(db);
  await sql`create trigger audit_cuts_stay before update or delete on audit_cuts
    for each row execute function refuse_audit_change()`.execute(db);
}
