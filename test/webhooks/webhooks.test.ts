import { openTemporary } from "../database/sqlite.ts";
import { webhooksContract } from "./webhooks.contract.ts";

describe("webhooks on SQLite", () => webhooksContract(() => openTemporary({ groupMs: 0 })));
