import { AgentError } from "./errors.ts";
import { isObject, type Loose, textOf } from "./json.ts";

/** A command as the agent tells of it. Its parameters it never gives back. */
export interface CommandResult {
  id: string;
  /** Without its extension: `execute_deploy_step`. */
  name: string;
  state: "running" | "succeeded" | "failed" | "version-changed";
  /** What a step gave stands under `deploy_result`, beside the whole step as it was sent; null while it runs. */
  result: Loose | null;
  error: CommandFault | null;
}

/** Why a command failed, in the agent's words. */
export interface CommandFault {
  /** `ImageChecksumError` */
  type: string;
  message: string;
  details: string;
}

const STATES: Record<string, CommandResult["state"]> = {
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  CLEAN_VERSION_MISMATCH: "version-changed",
  VERSION_MISMATCH: "version-changed",
};

/** Agents quote whole command outputs. */
const TEXT_MOST = 2_000;

/** @returns undefined for what is no result of a command */
export function readResult(body: unknown): CommandResult | undefined {
  if (!isObject(body)) return undefined;
  const id = textOf(body["id"]);
  const name = textOf(body["command_name"]);
  const state = STATES[textOf(body["command_status"]) ?? ""];
  if (id === undefined || name === undefined || state === undefined) return undefined;
  const result = isObject(body["command_result"]) ? body["command_result"] : null;
  return { id, name, state, result, error: readFault(body["command_error"]) };
}

function readFault(error: unknown): CommandFault | null {
  if (error === null || error === undefined) return null;
  if (!isObject(error))
    return { type: "unknown", message: JSON.stringify(error).slice(0, TEXT_MOST), details: "" };
  const clip = (value: unknown): string => (textOf(value) ?? "").slice(0, TEXT_MOST);
  return {
    type: clip(error["type"]) || "unknown",
    message: clip(error["message"]),
    details: clip(error["details"]),
  };
}

/** What a person can do, by the type of the agent's error. */
const HINTS: Record<string, string> = {
  ImageChecksumError:
    "The bytes that arrived are not those of the checksum: check the image and its checksum.",
  ImageDownloadFatalError:
    "The machine was refused the image: check that its network reaches the image's URL.",
  ImageDownloadError:
    "The image could not be read to its end: check the machine's network and the image's server.",
  InvalidImage: "The image is not what its format says, or of a format that the agent may not write.",
  DeviceNotFound: "No disk fits the root device hints: compare them with the node's inventory.",
  HardwareManagerMethodNotFound:
    "This agent has no such step: check the step's name and that the agent image has its hardware manager.",
  InvalidCommandParamsError: "The step was given arguments that it does not take.",
  VersionMismatch: "The agent was exchanged in the midst of its steps: start over.",
};

/**
 * The error that a failed command is; undefined for one that runs or has succeeded.
 *
 * @param what the step, for the message: `the step write_image`
 */
export function failureOf(result: CommandResult, what: string): AgentError | undefined {
  if (result.state === "running" || result.state === "succeeded") return undefined;
  const { type, message, details } = result.error ?? { type: "unknown", message: "", details: "" };
  const said = [message, details].filter((text) => text !== "").join(" ");
  const isVersion = result.state === "version-changed";
  return new AgentError(`The agent failed in ${what}: ${type}${said === "" ? "" : `: ${said}`}`, {
    code: isVersion ? "agent-version-changed" : "agent-command-failed",
    retryable: false,
    hint:
      HINTS[isVersion ? "VersionMismatch" : type] ?? "The agent's log, kept with the deployment, tells more.",
    agentType: type,
  });
}
