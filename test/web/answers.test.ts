import type * as z from "zod";
import type { shownDeployment } from "../../src/api/schemas/deployment.ts";
import type { NODE_STATES, shownNode } from "../../src/api/schemas/node.ts";
import type { shownOperation } from "../../src/api/schemas/operation.ts";
import type { DeployEvent } from "../../src/deploy/index.ts";
import type { DeploymentAnswer, NodeAnswer, NodeState, OperationAnswer } from "../../src/web/page/answers.ts";
import type { EventAnswer } from "../../src/web/page/events.ts";

/** Does not compile when the first does not fit the second. */
type Fits<Given extends Wanted, Wanted> = Given;

/** What the API leaves out where it is undefined, as the page's types have it. */
type Shown<T> = Omit<T, "retriedAs"> & { retriedAs?: string | null };

/** Keeps the types below in use. */
type All = [
  Fits<z.output<typeof shownNode>, NodeAnswer>,
  Fits<(typeof NODE_STATES)[number], NodeState>,
  Fits<z.output<typeof shownOperation>, OperationAnswer>,
  Fits<Shown<z.output<typeof shownDeployment>>, DeploymentAnswer>,
  Fits<EventAnswer["type"], DeployEvent["type"]>,
  Fits<DeployEvent["type"], EventAnswer["type"]>,
];

describe("what the dashboard reads", () => {
  it("is what the API answers, which the compiler sees", () => {
    const count: All["length"] = 6;
    if (count !== 6) throw new Error("unreachable");
  });
});
