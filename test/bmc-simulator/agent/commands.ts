import { randomUUID } from "node:crypto";
import { ASYNCHRONOUS, type Command, type CommandParts, EXTENSIONS, SYNCHRONOUS } from "./known-commands.ts";
import { CommandFailure, type Json } from "./options.ts";

/** A command's result as it is on the wire. */
export interface Result {
  id: string;
  command_name: string;
  command_status: "RUNNING" | "SUCCEEDED" | "FAILED" | "CLEAN_VERSION_MISMATCH";
  command_error: Json | null;
  command_result: Json | null;
}

/** What a POST to the commands is answered with. */
export interface Outcome {
  status: number;
  body: Json | Result;
}

/** The commands of one life of an agent; a restarted one begins with none. */
export interface Commands {
  readonly results: Result[];
  readonly isPoisoned: boolean;
  execute(name: string, params: Json): Promise<Outcome>;
}

export function createCommands(parts: CommandParts): Commands {
  const results: Result[] = [];
  let isPoisoned = false;

  async function run(name: string, params: Json, command: Command): Promise<Outcome> {
    const isSynchronous = name in SYNCHRONOUS;
    if (/\.get_.*_steps$/.test(name) && !("node" in params)) {
      // The failed entry holds an exception that cannot be written as JSON, and stays in the list.
      isPoisoned = true;
      return refusal(500, "Object of type TypeError is not JSON serializable");
    }
    const result = begun(name);
    results.push(result);
    parts.onBegun(name, params);
    const done = finish(result, command(params, parts));
    if (isSynchronous) await done;
    else void done.then(() => parts.onEnded());
    return { status: 200, body: { ...result } };
  }

  return {
    results,
    get isPoisoned() {
      return isPoisoned;
    },
    async execute(name, params) {
      const running = results.find(({ command_status }) => command_status === "RUNNING");
      if (running) return refusal(409, `Agent is busy: executing command ${running.command_name}`);
      if (!name.includes(".")) return refusal(400, `Invalid command: ${name}`);
      const extension = name.split(".")[0]!;
      if (!EXTENSIONS.includes(extension))
        return refusal(404, `Not found: Extension with id ${extension} not found.`);
      const command = SYNCHRONOUS[name] ?? ASYNCHRONOUS[name];
      return command === undefined ? refusal(400, `Invalid command: ${name}`) : run(name, params, command);
    },
  };
}

function begun(name: string): Result {
  const plainName = name.split(".").at(-1)!;
  const open = { command_error: null, command_result: null };
  return { id: randomUUID(), command_name: plainName, command_status: "RUNNING", ...open };
}

async function finish(result: Result, work: Promise<Json | null>): Promise<void> {
  try {
    result.command_result = await work;
    result.command_status = "SUCCEEDED";
  } catch (error) {
    const known = { type: "CommandExecutionError", message: String(error) };
    const fault = error instanceof CommandFailure ? error.fault : known;
    result.command_error = { code: 500, details: fault.message, ...fault };
    result.command_status = fault.type === "VersionMismatch" ? "CLEAN_VERSION_MISMATCH" : "FAILED";
  }
}

export function refusal(status: number, faultstring: string): Outcome {
  return { status, body: { faultcode: status < 500 ? "Client" : "Server", faultstring } };
}
