import type { AgentFault } from "./options.ts";

/** Verbs by which a test steers an agent. They last over a restart. */
export interface AgentControl {
  /** The next run of this step ends with this error. */
  failNext: (step: string, fault: AgentFault) => void;
  /** The connection of the next command dies, before the agent has acted or after it. */
  cutNext: (when: "before" | "after") => void;
  /** Steps begin, and end only when they are released. */
  holdSteps: () => void;
  releaseSteps: () => void;
}

/** The verbs, and what the agent makes of them. */
export interface Steering {
  control: AgentControl;
  takeFault: (step: string) => AgentFault | undefined;
  takeCut: () => "before" | "after" | undefined;
  /** Resolves when a step may go on. */
  pass: () => Promise<void>;
}

export function createSteering(first: readonly ("before" | "after")[] = []): Steering {
  const faults = new Map<string, AgentFault>();
  const cuts = [...first];
  let held: PromiseWithResolvers<void> | undefined;
  return {
    control: {
      failNext: (step, fault) => void faults.set(step, fault),
      cutNext: (when) => void cuts.push(when),
      holdSteps: () => void (held ??= Promise.withResolvers<void>()),
      releaseSteps() {
        held?.resolve();
        held = undefined;
      },
    },
    takeFault(step) {
      const fault = faults.get(step);
      faults.delete(step);
      return fault;
    },
    takeCut: () => cuts.shift(),
    pass: () => held?.promise ?? Promise.resolve(),
  };
}
