import { portsContract } from "./ports.contract.ts";
import { openTemporary } from "./sqlite.ts";

describe("the smaller ports on SQLite", () => portsContract(() => openTemporary()));
