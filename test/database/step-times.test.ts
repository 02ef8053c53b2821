import { openTemporary } from "./sqlite.ts";
import { stepTimesContract } from "./step-times.contract.ts";

describe("the times of steps on SQLite", () => stepTimesContract(() => openTemporary()));
