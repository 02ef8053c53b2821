import { DatabaseSync } from "node:sqlite";

/** How many of each there are to be. */
export interface Fleet {
  nodes: number;
  deployments: number;
}

/** Numbers from 0 up to, but without, the given one. */
const numbers = (count: number) =>
  `with recursive s(n) as (select 0 union all select n + 1 from s where n + 1 < ${count})`;

const NODE_ID = "printf('node_%026d', n)";
const NODE_NAME = "printf('rack%03d-u%02d', n / 40, n % 40)";
/** Spread over the nodes, so that the newest of each is among the last. */
const OWNER_ID = (nodes: number) => `printf('node_%026d', n % ${nodes})`;
const OWNER_NAME = (nodes: number) => `printf('rack%03d-u%02d', (n % ${nodes}) / 40, (n % ${nodes}) % 40)`;
/** Of a hundred, eight have failed and two were cancelled. */
const STATE = "case when n % 100 < 8 then 'failed' when n % 100 < 10 then 'cancelled' else 'succeeded' end";

/**
 * Fills a database with so many nodes and past deployments, made of the one node and the one deployment that it has. The
 * server must not run meanwhile.
 */
export function seedFleet(file: string, { nodes, deployments }: Fleet): void {
  const database = new DatabaseSync(file);
  try {
    database.exec("begin");
    copy(database, "nodes", nodes, {
      id: NODE_ID,
      name: NODE_NAME,
      bmc_origin: "printf('https://10.%d.%d.%d', n / 65536, (n / 256) % 256, n % 256)",
      body: `json_set(body, '$.id', ${NODE_ID}, '$.name', ${NODE_NAME}, '$.rack', printf('r%d', n / 40),
        '$.bmc.address', printf('https://10.%d.%d.%d', n / 65536, (n / 256) % 256, n % 256))`,
    });
    copy(database, "records", deployments, {
      id: "printf('dep_%026d', n)",
      node_id: OWNER_ID(nodes),
      state: STATE,
      callback_hash: "null",
      sealed_secrets: "null",
      view: `json_set(view, '$.id', printf('dep_%026d', n), '$.state', ${STATE},
        '$.node.id', ${OWNER_ID(nodes)}, '$.node.name', ${OWNER_NAME(nodes)}, '$.request.nodeId', ${OWNER_ID(nodes)})`,
    });
    database.exec("commit");
  } finally {
    database.close();
  }
}

/** Copies the newest row of a table, with some columns made anew for each copy. */
function copy(database: DatabaseSync, table: string, count: number, made: Record<string, string>): void {
  const columns = database.prepare(`select name from pragma_table_info('${table}')`).all() as {
    name: string;
  }[];
  const names = columns.map(({ name }) => name);
  const values = names.map((name) => made[name] ?? name);
  const model = table === "records" ? "where kind = 'deployment' and phase = 'done'" : "";
  database.exec(
    `insert into ${table} (${names.join(", ")}) ${numbers(count)} select ${values.join(", ")}
     from (select * from ${table} ${model} order by id desc limit 1) cross join s`,
  );
}
