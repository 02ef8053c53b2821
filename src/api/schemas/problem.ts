import * as z from "zod";
import { CODES } from "../problem.ts";

const codes = Object.keys(CODES) as [string, ...string[]];

/** RFC 9457. */
export const problem = z
  .object({
    type: z.string().meta({ example: "urn:trayload:problem:node-busy" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(codes).meta({ id: "ErrorCode", description: "Stable; only ever added to" }),
    hint: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    deploymentId: z.string().optional().meta({ description: "The deployment that is in the way" }),
    operationId: z.string().optional().meta({ description: "The operation that is in the way" }),
    requestId: z.string().optional(),
  })
  .meta({ id: "Problem" });
