import { resealContract } from "./reseal.contract.ts";
import { openTemporarySql } from "./sqlite.ts";

describe("secrets under a new key on SQLite", () => resealContract(openTemporarySql));
