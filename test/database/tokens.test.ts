import { openTemporary } from "./sqlite.ts";
import { tokensContract } from "./tokens.contract.ts";

describe("tokens on SQLite", () => tokensContract(() => openTemporary()));
