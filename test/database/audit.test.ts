import { auditContract } from "./audit.contract.ts";
import { openTemporarySql } from "./sqlite.ts";

describe("the audit on SQLite", () => auditContract(openTemporarySql));
