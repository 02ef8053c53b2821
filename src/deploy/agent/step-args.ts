import type { Parts } from "../parts.ts";
import type { StepContext } from "../step.ts";
import { deploymentOf } from "../steps/known.ts";
import { jobOf } from "./boot.ts";
import { WRITE_IMAGE } from "./job.ts";
import { writeImageArgs } from "./write-image.ts";

/** The arguments that a step of the job is sent with: as they were given, or as they are made where nobody gave them. */
export async function argsOf(
  parts: Pick<Parts, "seals" | "blobs">,
  context: StepContext,
  place: number,
): Promise<Record<string, unknown>> {
  const { agentArgs } = await context.secrets();
  const { step, args } = jobOf(context).steps[place]!;
  const { write } = deploymentOf(context);
  const isOurs = step === WRITE_IMAGE && write !== undefined && Object.keys(args).length === 0;
  return isOurs ? writeImageArgs(parts, context, write) : (agentArgs?.[place] ?? args);
}
