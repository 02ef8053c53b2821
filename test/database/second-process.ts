// A process of its own for the tests: opens the database in the folder that it is given, and says how that went.
import { DatabaseError, openDatabase } from "../../src/database/index.ts";
import { accepted, newRecord } from "./fixture.ts";

try {
  const database = await openDatabase({ folder: process.argv[2]! });
  const { id } = await accepted(database, newRecord());
  await database.records.claim({ id, hint: 1 }, 60_000);
  console.log(JSON.stringify({ id }));
  // It ends without a word to the database, as by a power cut.
  process.kill(process.pid, "SIGKILL");
} catch (error) {
  if (!(error instanceof DatabaseError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
}
