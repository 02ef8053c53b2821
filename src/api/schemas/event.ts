import * as z from "zod";
import { time } from "./plain.ts";

/** An event as it is shown. Further fields depend on `type` and may be added. */
export const shownEvent = z
  .looseObject({
    recordId: z.string().meta({ description: "The deployment or operation" }),
    v: z.literal(1),
    seq: z.int().meta({ description: "Position within the record, from 1, without gaps" }),
    at: time,
    type: z.string().meta({ example: "step-done" }),
  })
  .meta({ id: "Event" });
