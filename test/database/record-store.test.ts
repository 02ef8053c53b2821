import { recordStoreContract } from "./record-store.contract.ts";
import { openTemporary } from "./sqlite.ts";

describe("records on SQLite", () => recordStoreContract(() => openTemporary()));
