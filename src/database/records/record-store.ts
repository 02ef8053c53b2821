import type { RecordStore } from "../../deploy/index.ts";
import type { Sql } from "../sql.ts";
import { accept } from "./accept.ts";
import { claim, giveBack, renew } from "./claim.ts";
import { commit } from "./commit.ts";
import { leaveNode, takeNode } from "./node-lock.ts";
import { createRecordReads } from "./reads.ts";
import { appendLate, takeDue, wake } from "./wake.ts";

export function createRecordStore(sql: Sql): RecordStore {
  return {
    ...createRecordReads(sql),
    async accept(record) {
      try {
        return await sql.write((transaction) => accept(transaction, record));
      } catch (error) {
        if (!sql.isDuplicate(error, "records_callback", "records.callback_hash")) throw error;
        return { accepted: false, reason: "callback-in-use" };
      }
    },
    wake: (id, item) => sql.write((transaction) => wake(transaction, id, item)),
    appendLate: (id, event) => sql.write((transaction) => appendLate(transaction, id, event)),
    claim: (hint, leaseMs) => sql.write((transaction) => claim(transaction, hint, leaseMs)),
    commit: (held, step) => sql.write((transaction) => commit(transaction, held, step)),
    takeNode: (held) => sql.write((transaction) => takeNode(transaction, held)),
    leaveNode: (held) => sql.write((transaction) => leaveNode(transaction, held)),
    async renew(claims, leaseMs) {
      if (claims.length === 0) return new Set();
      return sql.write((transaction) => renew(transaction, claims, leaseMs));
    },
    async giveBack(claims) {
      if (claims.length > 0) await sql.write((transaction) => giveBack(transaction, claims));
    },
    takeDue: (limit) => sql.write((transaction) => takeDue(transaction, limit)),
  };
}
