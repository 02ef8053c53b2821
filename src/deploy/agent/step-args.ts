import type { StepContext } from "../step.ts";
import { jobOf } from "./boot.ts";

/** The arguments that a step of the job is sent with: as they were given, or as they are made where nobody gave them. */
export async function argsOf(context: StepContext, place: number): Promise<Record<string, unknown>> {
  const { agentArgs } = await context.secrets();
  return agentArgs?.[place] ?? jobOf(context).steps[place]!.args;
}
