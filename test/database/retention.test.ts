import { retentionContract } from "./retention.contract.ts";
import { openTemporarySql } from "./sqlite.ts";

describe("retention on SQLite", () => retentionContract(openTemporarySql));
