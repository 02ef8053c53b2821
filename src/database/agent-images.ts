import type { AgentImages, AgentImageSettings } from "../deploy/index.ts";
import type { Sql } from "./sql.ts";

const NAME = "agent-images";

/** See `AgentImages`. */
export function createAgentImages({ read, write }: Sql): AgentImages {
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
