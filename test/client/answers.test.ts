import type * as z from "zod";
import type { shownInventory } from "../../src/api/schemas/agent.ts";
import type { shownDeployment } from "../../src/api/schemas/deployment.ts";
import type { shownEvent } from "../../src/api/schemas/event.ts";
import type { shownFetch, shownStock } from "../../src/api/schemas/image.ts";
import type { NODE_STATES, shownNode } from "../../src/api/schemas/node.ts";
import type { shownOperation } from "../../src/api/schemas/operation.ts";
import type { shownAudit } from "../../src/api/schemas/audit.ts";
import type { createdToken, shownToken } from "../../src/api/schemas/token.ts";
import type { createdWebhook, shownDelivery, shownWebhook } from "../../src/api/schemas/webhook.ts";
import type {
  AuditAnswer,
  CreatedTokenAnswer,
  CreatedWebhookAnswer,
  DeliveryAnswer,
  DeploymentAnswer,
  EventAnswer,
  FetchAnswer,
  InventoryAnswer,
  NodeAnswer,
  NodeState,
  OperationAnswer,
  StockAnswer,
  TokenAnswer,
  WebhookAnswer,
} from "../../src/client/index.ts";
import type { DeployEvent } from "../../src/deploy/index.ts";

/** Does not compile when the first does not fit the second. */
type Fits<Given extends Wanted, Wanted> = Given;

/** Keeps the types below in use. */
type All = [
  Fits<z.output<typeof shownNode>, NodeAnswer>,
  Fits<(typeof NODE_STATES)[number], NodeState>,
  Fits<z.output<typeof shownOperation>, OperationAnswer>,
  Fits<z.output<typeof shownDeployment>, DeploymentAnswer>,
  Fits<z.output<typeof shownFetch>, FetchAnswer>,
  Fits<z.output<typeof shownStock>, StockAnswer>,
  Fits<z.output<typeof shownInventory>, InventoryAnswer>,
  Fits<z.output<typeof createdToken>, CreatedTokenAnswer>,
  Fits<z.output<typeof shownToken>, TokenAnswer>,
  Fits<z.output<typeof shownAudit>, AuditAnswer>,
  Fits<z.output<typeof createdWebhook>, CreatedWebhookAnswer>,
  Fits<z.output<typeof shownWebhook>, WebhookAnswer>,
  Fits<z.output<typeof shownDelivery>, DeliveryAnswer>,
  Fits<z.output<typeof shownEvent>["type"], string>,
  Fits<EventAnswer["type"], DeployEvent["type"]>,
  Fits<DeployEvent["type"], EventAnswer["type"]>,
  Fits<Extract<DeployEvent, { type: EventAnswer["type"] }>["at"], EventAnswer["at"]>,
];

describe("what the clients read", () => {
  it("is what the API answers, which the compiler sees", () => {
    const count: All["length"] = 17;
    if (count !== 17) throw new Error("unreachable");
  });
});
