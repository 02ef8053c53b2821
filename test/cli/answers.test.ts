import type * as z from "zod";
import type { shownDeployment } from "../../src/api/schemas/deployment.ts";
import type { shownEvent } from "../../src/api/schemas/event.ts";
import type { shownNode } from "../../src/api/schemas/node.ts";
import type { shownOperation } from "../../src/api/schemas/operation.ts";
import type { DeploymentAnswer, NodeAnswer, OperationAnswer, Progress } from "../../src/cli/answers.ts";
import type { EventAnswer } from "../../src/cli/events.ts";
import type { DeployEvent } from "../../src/deploy/index.ts";

/** Does not compile when the first does not fit the second. */
type Fits<Given extends Wanted, Wanted> = Given;

/** Keeps the types below in use. */
type All = [
  Fits<z.output<typeof shownNode>, NodeAnswer>,
  Fits<z.output<typeof shownOperation>, OperationAnswer>,
  Fits<z.output<typeof shownDeployment>, DeploymentAnswer>,
  Fits<NonNullable<z.output<typeof shownDeployment>["progress"]>, Progress>,
  Fits<z.output<typeof shownEvent>["type"], string>,
  Fits<EventAnswer["type"], DeployEvent["type"]>,
  Fits<Extract<DeployEvent, { type: EventAnswer["type"] }>["at"], EventAnswer["at"]>,
];

describe("what the command line reads", () => {
  it("is what the API answers, which the compiler sees", () => {
    const count: All["length"] = 7;
    if (count !== 7) throw new Error("unreachable");
  });
});
