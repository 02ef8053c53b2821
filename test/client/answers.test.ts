import type { EventAnswer } from "../../src/client/index.ts";
import type { DeployEvent } from "../../src/deploy/index.ts";

/** Does not compile when the first does not fit the second. */
type Fits<Given extends Wanted, Wanted> = Given;

/** Keeps the types below in use. All other answers are made of the API's description. */
type All = [
  Fits<EventAnswer["type"], DeployEvent["type"]>,
  Fits<DeployEvent["type"], EventAnswer["type"]>,
  Fits<Extract<DeployEvent, { type: EventAnswer["type"] }>["at"], EventAnswer["at"]>,
];

describe("events as the clients read them", () => {
  it("are those of the API, which the compiler sees", () => {
    const count: All["length"] = 3;
    if (count !== 3) throw new Error("unreachable");
  });
});
