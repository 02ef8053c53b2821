import * as z from "zod";
import { openBoot } from "./boot.ts";
import { LATER_PREFLIGHT } from "./later.ts";
import { recordFields } from "./record.ts";

export const powerInput = z
  .strictObject({ action: z.enum(["on", "off", "force-off", "restart", "power-cycle"]) })
  .meta({ id: "PowerInput" });

export const nothing = z.strictObject({}).meta({ id: "Nothing" });

export const preflightInput = z
  .strictObject({
    boot: openBoot.nullish(),
    ...LATER_PREFLIGHT,
  })
  .meta({ id: "PreflightInput" });

export const shownOperation = z
  .object({
    ...recordFields,
    kind: z.enum(["power", "eject", "preflight", "eject-when-due"]),
    action: z.string().nullable().meta({ description: "What was asked of the power; null for other kinds" }),
    result: z.unknown().meta({
      description:
        "What came of it; a preflight's is a list of {check, outcome: pass|warn|fail|skip, detail, hint}",
    }),
  })
  .meta({ id: "Operation" });
