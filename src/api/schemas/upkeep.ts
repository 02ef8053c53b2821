import * as z from "zod";

export const shownUpkeep = z
  .object({
    keys: z
      .array(
        z.object({
          id: z.string(),
          does: z.array(z.enum(["seals", "opens", "derives", "waits"])).meta({
            description:
              "`seals` what is new, `opens` what it has sealed before, `derives` the paths of discs, or `waits` to seal",
          }),
          sealed: z.int().meta({ description: "Secrets at rest under it" }),
        }),
      )
      .meta({ description: "Master keys, the newest first; never the keys themselves" }),
    open: z.int().meta({ description: "Deployments and operations that have not ended" }),
    kept: z
      .array(
        z.object({
          what: z.string(),
          forMs: z.int().nullable().meta({ description: "How long, at least; null: for ever" }),
          oldestAt: z.iso.datetime().nullable().meta({ description: "Null where there is none" }),
        }),
      )
      .meta({ description: "What is removed by age, and how old the oldest is" }),
  })
  .meta({ id: "Upkeep" });
