import { campaignsContract } from "./campaigns.contract.ts";
import { openTemporary } from "./sqlite.ts";

describe("campaigns on SQLite", () => campaignsContract(() => openTemporary()));
