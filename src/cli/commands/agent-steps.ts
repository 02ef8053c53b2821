import { InvalidArgumentError, type Command, Option } from "commander";

/** One step of the agent as the API takes it. */
export interface AgentStep {
  interface: string;
  step: string;
  args?: object;
}

/** What a person asks of the agent, wherever one does. */
export interface AgentChoice {
  agentStep?: AgentStep[];
  collectLogs?: string;
}

/** Collects `INTERFACE.STEP` with arguments in JSON behind `=`; without an interface it is `deploy`. */
export function parseAgentStep(text: string, before: AgentStep[] = []): AgentStep[] {
  const [, named = "deploy", step, json] =
    /^(?:([A-Za-z]\w*)\.)?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (step === undefined) throw new InvalidArgumentError("Give INTERFACE.STEP, or INTERFACE.STEP=ARGUMENTS.");
  return [...before, { interface: named, step, ...(json === undefined ? {} : { args: argsOf(json) }) }];
}

function argsOf(json: string): object {
  try {
    const args: unknown = JSON.parse(json);
    if (typeof args === "object" && args !== null && !Array.isArray(args)) return args;
  } catch {
    // Told below, as what is JSON and no object is.
  }
  throw new InvalidArgumentError("Give the arguments as a JSON object.");
}

export function addAgentOptions(command: Command): Command {
  return command
    .optionsGroup("The agent:")
    .option("--agent-step <step>", "have it do this; repeat it for several, in their order", parseAgentStep)
    .addOption(
      new Option("--collect-logs <when>", "when its log is kept").choices(["on-failure", "always", "never"]),
    )
    .optionsGroup("Options:");
}

/** The fields of the request. */
export function agentFields({ agentStep, collectLogs }: AgentChoice): Record<string, unknown> {
  return {
    ...(agentStep === undefined ? {} : { agentSteps: agentStep }),
    ...(collectLogs === undefined ? {} : { collectLogs }),
  };
}
