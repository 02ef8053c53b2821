import { AgentError } from "../../agent/index.ts";
import type { DeploymentRequest } from "../request.ts";

/** A step that the agent says it has. */
export interface OfferedStep {
  interface: string;
  step: string;
  /** Whether the machine has to be restarted after it. */
  rebootRequested: boolean;
}

export interface Offer {
  steps: OfferedStep[];
  /** Versions of the hardware managers, as they came. */
  versions: Record<string, unknown>;
}

/** Which of the agent's sets of steps serves a deployment. */
export function verbOf({ purpose }: Pick<DeploymentRequest, "purpose">): "deploy" | "clean" {
  return purpose === "clean" ? "clean" : "deploy";
}

/** @throws AgentError `agent-answer-unreadable` */
export function readOffer(result: Record<string, unknown> | null, verb: "deploy" | "clean"): Offer {
  const managers = result?.[`${verb}_steps`];
  const versions = result?.["hardware_manager_version"];
  if (!isObject(managers) || !isObject(versions))
    throw new AgentError(`the agent did not tell its ${verb} steps in a way that could be read`, {
      code: "agent-answer-unreadable",
      retryable: false,
    });
  const steps = Object.values(managers)
    .flatMap((listed) => (Array.isArray(listed) ? (listed as unknown[]) : []))
    .filter(isObject)
    .map((step) => ({
      interface: String(step["interface"]),
      step: String(step["step"]),
      rebootRequested: step["reboot_requested"] === true,
    }));
  return { steps, versions };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
