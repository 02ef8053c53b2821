// Knows how the API is asked and what its answers and events read like, and the words that all clients use for them.
// Must not know any room, nor whether a browser or a terminal shows what is told: it imports nothing.
// Begin with http.ts; programs have it as `trayload/client`, the command line and the dashboard build on it.
export { TrayloadError } from "./error.ts";
export { allDeployments, untilFinal } from "./follow.ts";
export {
  type ClientOptions,
  createClient,
  type Given,
  type OperationName,
  type TrayloadClient,
} from "./http.ts";
export type { Operations, Schemas } from "./schema.ts";
export type * from "./answers.ts";
export { ChainFault, type Head, type Verified, verifyChain } from "./audit-chain.ts";
export { type EventAnswer, sayBootState, sayCallBack, sayMilestone, sayProof, sayWait } from "./events.ts";
export { showBytes, showDuration } from "./words.ts";
