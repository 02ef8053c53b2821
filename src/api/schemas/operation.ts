import * as z from "zod";
import { openBoot } from "./boot.ts";
import { recordFields } from "./record.ts";

export const powerInput = z
  .strictObject({ action: z.enum(["on", "off", "force-off", "restart", "power-cycle"]) })
  .meta({ id: "PowerInput" });

export const nothing = z.strictObject({}).meta({ id: "Nothing" });

export const preflightInput = z
  .strictObject({
    boot: openBoot.nullish(),
    canary: z
      .boolean()
      .exactOptional()
      .meta({ description: "Also put a disc of 1 MiB into an empty slot, and see whether the BMC reads it" }),
  })
  .meta({ id: "PreflightInput" });

export const bmcResetInput = z
  .strictObject({
    confirm: z
      .literal(true)
      .meta({ description: "That the BMC is meant, which all of its machines lose for minutes" }),
  })
  .meta({ id: "BmcResetInput" });

export const shownOperation = z
  .object({
    ...recordFields,
    kind: z.enum(["power", "eject", "preflight", "bmc-reset", "eject-when-due"]),
    action: z.string().nullable().meta({ description: "What was asked of the power; null for other kinds" }),
    result: z.unknown().meta({
      description:
        "What came of it; a preflight's is a list of {check, outcome: pass|warn|fail|skip, detail, hint}",
    }),
  })
  .meta({ id: "Operation" });
