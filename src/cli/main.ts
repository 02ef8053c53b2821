// Knows the command line: its words, and how answers, errors and progress look to a person and to a script.
// Must not know the rooms behind the API, whose client it is; only serve and demo start a server, by ../main.ts.
// Begin with run.ts; each command is a file of commands/.
import { runCommandLine } from "./run.ts";
import { processTerminal } from "./terminal.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
