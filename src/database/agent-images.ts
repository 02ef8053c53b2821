import type { AgentImageSettings, AgentImageStore } from "../deploy/index.ts";
import type { Sql } from "./sql.ts";

const NAME = "agent-images";

/** See `AgentImageStore`. */
export function createAgentImages({ read, write }: Sql): AgentImageStore {
  return {
    async read() {
      const query = read.selectFrom("settings").select("value").where("name", "=", NAME);
      const row = await query.executeTakeFirst();
      return row === undefined ? {} : (JSON.parse(row.value) as AgentImageSettings);
    },
    write: (settings) =>
      write(async ({ db }) => {
        const row = { value: JSON.stringify(settings) };
        await db
          .insertInto("settings")
          .values({ name: NAME, ...row })
          .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
          .execute();
      }),
  };
}
