import type { Database } from "../../src/database/index.ts";
import { acceptance, claims } from "./contract/claims.ts";
import { commits, wakes } from "./contract/commits.ts";
import { nodeQueue } from "./contract/node-queue.ts";
import { reading } from "./contract/reading.ts";

/** What every database must do with records, from acceptance to end. `open` gives an empty database. */
export function recordStoreContract(open: () => Promise<Database>): void {
  let opened: Database;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());
  const database = () => opened;
  describe("acceptance", () => acceptance(database));
  describe("claims", () => claims(database));
  describe("commits", () => commits(database));
  describe("wakes", () => wakes(database));
  describe("the queue for a node", () => nodeQueue(database));
  describe("reading", () => reading(database));
}
