// Knows how the API's answers and events read to a client of it, and the words that all clients use for them.
// Must not know any room, nor whether a browser or a terminal shows what is told: it imports nothing.
// Begin with answers.ts; the command line and the dashboard both build on it.
export type * from "./answers.ts";
export { type EventAnswer, sayBootState, sayCallBack, sayMilestone, sayProof, sayWait } from "./events.ts";
export { showBytes, showDuration } from "./words.ts";
