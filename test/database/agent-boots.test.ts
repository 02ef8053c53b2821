import { agentBootsContract } from "./agent-boots.contract.ts";
import { openTemporary } from "./sqlite.ts";

describe("boots of agents on SQLite", () => agentBootsContract(() => openTemporary()));
