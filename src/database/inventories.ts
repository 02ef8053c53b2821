import type { Inventories, NodeInventory } from "../deploy/index.ts";
import type { Sql } from "./sql.ts";

/** See `Inventories`: one row of each node. */
export function createInventories({ read, write }: Sql): Inventories {
  return {
    save: (inventory) =>
      write(async ({ db }) => {
        const row = { body: JSON.stringify(inventory) };
        await db
          .insertInto("inventories")
          .values({ node_id: inventory.nodeId, ...row })
          .onConflict((conflict) => conflict.column("node_id").doUpdateSet(row))
          .execute();
      }),
    async find(nodeId) {
      const query = read.selectFrom("inventories").select("body").where("node_id", "=", nodeId);
      const row = await query.executeTakeFirst();
      return row && (JSON.parse(row.body) as NodeInventory);
    },
  };
}
