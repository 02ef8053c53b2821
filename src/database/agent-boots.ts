import {
  type AgentBoot,
  type AgentBoots,
  type AgentContact,
  type AgentInspection,
  isSameContact,
} from "../agent/index.ts";
import type { Hint, Hints, Log } from "../deploy/index.ts";
import type { Sealing } from "./bmcs/sessions.ts";
import { wake } from "./records/wake.ts";
import type { Sql, Transaction } from "./sql.ts";
import type { Tables } from "./tables.ts";

/** What is known of a boot before its agent is heard of; it holds the token, and perhaps what a node is to keep secret. */
type Prepared = Omit<AgentBoot, "tokenHolder" | "contact">;

type Row = Tables["agent_boots"];

/** See `AgentBoots`. What an agent tells is kept and wakes its owner in one transaction, so that neither is without the other. */
export function createAgentBoots(
  database: Sql,
  { sealing, hints, log }: { sealing: Sealing; hints: Hints; log: Pick<Log, "warn"> },
): AgentBoots {
  const toBoot = (row: Row): AgentBoot => ({
    ...(JSON.parse(sealing.open(row.sealed, placeOfBoot(row.id))) as Prepared),
    tokenHolder: row.token_holder,
    contact: readContact(row),
  });

  async function read(id: string): Promise<Row | undefined> {
    return database.read.selectFrom("agent_boots").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** A hint that is lost costs time only. */
  async function ring(given: Hint[]): Promise<void> {
    try {
      await hints.add(given);
    } catch (error) {
      log.warn({ error }, "a hint could not be given; the record is looked at when it is due");
    }
  }

  return {
    async begin({ owner, tokenHolder: _holder, contact: _contact, ...prepared }) {
      const { id } = prepared;
      const row = {
        owner,
        sealed: sealing.seal(JSON.stringify(prepared), placeOfBoot(id)),
        token_holder: null,
        contact: null,
        beat_at: null,
        inspection: null,
      };
      await database.write(({ db }) =>
        db
          .insertInto("agent_boots")
          .values({ id, ...row })
          .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
          .execute(),
      );
    },
    async end(owner) {
      await database.write(({ db }) => db.deleteFrom("agent_boots").where("owner", "=", owner).execute());
    },
    async get(id) {
      const row = await read(id);
      return row && toBoot(row);
    },
    async see(id) {
      const row = await read(id);
      if (row === undefined) return undefined;
      const inspection = row.inspection === null ? null : (JSON.parse(row.inspection) as AgentInspection);
      return { boot: toBoot(row), beatAtMs: row.beat_at, inspection };
    },
    claimToken: (id, holder) =>
      database.write(async (transaction) => {
        const row = await lock(transaction, id);
        if (row === undefined || row.contact !== null) return null;
        if (row.token_holder !== null) return row.token_holder;
        await change(transaction, id, { token_holder: holder });
        return holder;
      }),
    async keepHeartbeat(id, { contact }) {
      const kept = await database.write(async (transaction) => {
        const row = await lock(transaction, id);
        if (row === undefined) return undefined;
        const fixed = readContact(row) ?? contact;
        if (!isSameContact(fixed, contact)) return { fixed, woken: [] };
        await change(transaction, id, { contact: JSON.stringify(fixed), beat_at: transaction.now });
        return { fixed, woken: await tell(transaction, row.owner) };
      });
      if (kept === undefined) return undefined;
      await ring(kept.woken);
      return kept.fixed;
    },
    async keepInspection(id, inspection) {
      const woken = await database.write(async (transaction) => {
        const row = await lock(transaction, id);
        if (row === undefined) return [];
        await change(transaction, id, { inspection: JSON.stringify(inspection) });
        return tell(transaction, row.owner);
      });
      await ring(woken);
    },
  };
}

/** What is sealed of a boot is bound to this. */
export const placeOfBoot = (id: string): string => `${id}/agent-boot`;

function readContact({ contact }: Pick<Row, "contact">): AgentContact | null {
  return contact === null ? null : (JSON.parse(contact) as AgentContact);
}

/** Holds the row for the rest of the transaction, where rows are locked at all. */
function lock({ db, locksRows }: Transaction, id: string): Promise<Row | undefined> {
  return db
    .selectFrom("agent_boots")
    .selectAll()
    .where("id", "=", id)
    .$if(locksRows, (query) => query.forUpdate())
    .executeTakeFirst();
}

type Changes = Partial<Pick<Row, "token_holder" | "contact" | "inspection">> & {
  beat_at?: Transaction["now"];
};

async function change({ db }: Transaction, id: string, changes: Changes): Promise<void> {
  await db.updateTable("agent_boots").set(changes).where("id", "=", id).execute();
}

async function tell(transaction: Transaction, owner: string): Promise<Hint[]> {
  const woken = await wake(transaction, owner, { kind: "heartbeat" });
  return typeof woken === "object" ? woken.hints : [];
}
