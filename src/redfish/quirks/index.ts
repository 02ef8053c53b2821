/**
 * How BMCs differ from what they say: rows of data. A row that fits is named in the description of the BMC and in the
 * deployment's events, so that nothing is done differently in silence. Begin with rows.ts.
 */
export { arrangeSlots, digestOf, likelySlots, quirksOf, type Traits, waysOf } from "./apply.ts";
export type { InsertParameter, Quirk, QuirkMatch, Ways } from "./quirk.ts";
export { readQuirks } from "./read.ts";
export { QUIRKS } from "./rows.ts";
