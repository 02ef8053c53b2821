import { lineageContract } from "./lineage.contract.ts";
import { openTemporary } from "./sqlite.ts";

describe("a life of a database on SQLite", () => lineageContract(openTemporary));
