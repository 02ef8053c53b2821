import { openTemporary } from "../database/sqlite.ts";
import { nodesContract } from "./nodes.contract.ts";

describe("nodes", () => nodesContract(() => openTemporary()));
