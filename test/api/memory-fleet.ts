import type { FleetQuery, FleetReads, NodeState } from "../../src/api/index.ts";
import type { MemoryRecords } from "./memory.ts";
import type { MemoryNodes } from "./memory-nodes.ts";

/** The fleet in memory, in order of ids; the other orders and conditions are the database's, and tested there. */
export function createMemoryFleet(
  nodes: MemoryNodes,
  records: MemoryRecords,
): FleetReads & { asked: FleetQuery[] } {
  const asked: FleetQuery[] = [];
  return {
    asked,
    async list(query) {
      asked.push(query);
      const { labels, after, limit } = query;
      const found = await nodes.list({
        ...(labels === undefined ? {} : { labels }),
        ...(after === undefined ? {} : { after }),
        limit,
      });
      const rows = await Promise.all(
        found.map(async (node) => {
          const [newest] = await records.list({ kind: "deployment", nodeId: node.id, limit: 1 });
          return { node, newest };
        }),
      );
      const counts: Partial<Record<NodeState, number>> = { deployable: rows.length };
      return { rows, counts };
    },
  };
}
