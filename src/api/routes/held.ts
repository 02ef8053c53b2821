import * as z from "zod";
import type { RecordView } from "../../deploy/index.ts";
import { isFinal } from "../records.ts";
import type { Call } from "../route.ts";
import { count, waitMs } from "../schemas/plain.ts";
import type { Holds } from "../stream/hold.ts";

/** The query of answers that can be held until something has happened. */
export const HOLD_QUERY = z.strictObject({
  waitMs,
  after: count(0, Number.MAX_SAFE_INTEGER).exactOptional().meta({
    description: "With `waitMs`: wait until the version is above this one; the current one unless given",
  }),
  until: z.enum(["final"]).exactOptional().meta({ description: "With `waitMs`: wait until the end" }),
});

/** Reads the record of the path, as late as the query wants. */
export async function holdRecord(
  holds: Holds,
  { params, query, signal }: Call<z.output<typeof HOLD_QUERY>, unknown>,
): Promise<RecordView | undefined> {
  let { after } = query;
  const isEnough = (view: RecordView) => {
    after ??= view.version;
    return isFinal(view) || (query.until === undefined && view.version > after);
  };
  return holds.until(params.id!, isEnough, query.waitMs ?? 0, signal);
}
