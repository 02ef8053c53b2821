import { fleetContract } from "./fleet.contract.ts";
import { openTemporary } from "./sqlite.ts";

describe("the fleet on SQLite", () => fleetContract(() => openTemporary()));
