import * as z from "zod";
import type { BootSpec, OperationAction } from "../../deploy/index.ts";
import type { Answer } from "../answer.ts";
import type { RouteParts } from "../parts.ts";
import { presentOperation } from "../present/record.ts";
import { isFinal, mustBe } from "../records.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { bmcResetInput, nothing, powerInput, preflightInput, shownOperation } from "../schemas/operation.ts";
import { waitMs } from "../schemas/plain.ts";
import { askerOf, TRACE_HEADER } from "../trace.ts";
import { BODY_PROBLEMS, problems } from "./problems.ts";

type Parts = Pick<RouteParts, "intake" | "holds">;

const QUERY = z.strictObject({ waitMs });

const ACTION = {
  method: "post",
  tag: "Nodes",
  isIdempotent: true,
  headers: TRACE_HEADER,
  query: QUERY,
  responses: {
    200: { description: "It has ended within `waitMs`; this is the result", schema: shownOperation },
    202: { description: "It is accepted", schema: shownOperation, headers: ["Location", "Retry-After"] },
    ...BODY_PROBLEMS,
    ...problems(404, 409),
  },
} as const;

/** The small recorded actions on a node. */
export function createNodeActionRoutes(parts: Parts): Route[] {
  return [power(parts), eject(parts), preflight(parts), bmcReset(parts)];
}

const power = (parts: Parts) =>
  defineRoute({
    ...ACTION,
    path: "/v1/nodes/{id}/power",
    summary: "Switch a node on or off",
    body: powerInput,
    run: (call) => operate(parts, call, { kind: "power", action: call.body.action }),
  });

const eject = (parts: Parts) =>
  defineRoute({
    ...ACTION,
    path: "/v1/nodes/{id}/media/eject",
    summary: "Eject the disc of a node",
    body: nothing,
    run: (call) => operate(parts, call, { kind: "eject" }),
  });

const bmcReset = (parts: Parts) =>
  defineRoute({
    ...ACTION,
    path: "/v1/nodes/{id}/bmc/reset",
    summary: "Restart the BMC of a node, and see it gone and back; its machines go on",
    body: bmcResetInput,
    run: (call) => operate(parts, call, { kind: "bmc-reset" }),
  });

const preflight = (parts: Parts) =>
  defineRoute({
    ...ACTION,
    path: "/v1/nodes/{id}/preflight",
    summary: "Say whether a node could be deployed, without changing the machine",
    body: preflightInput,
    run: (call) => {
      const asked = Object.entries(call.body.boot ?? {});
      const images = asked.map(([role, { url, checksum }]) => [role, { url, checksum: checksum ?? null }]);
      // The schema has seen to it that it is an ISO, or a kernel and a ramdisk.
      const boot = images.length === 0 ? null : (Object.fromEntries(images) as BootSpec);
      const canary = call.body.canary === true ? { canary: true } : {};
      return operate(parts, call, { kind: "preflight", boot, ...canary });
    },
  });

async function operate(
  { intake, holds }: Parts,
  { params, query, caller, request, note, signal }: Call<z.output<typeof QUERY>, unknown>,
  action: OperationAction,
): Promise<Answer> {
  const accepted = await intake.operate(params.id!, action, askerOf(caller, request));
  const asked = action.kind === "power" ? { action: action.action } : {};
  note({ after: { operation: accepted.id, node: accepted.node, ...asked } });
  const held = await holds.until(accepted.id, isFinal, query.waitMs ?? 0, signal);
  const view = mustBe("operation", accepted.id, held ?? accepted);
  const headers = { location: `/v1/operations/${view.id}`, "retry-after": "1" };
  return {
    status: isFinal(view) && query.waitMs !== undefined ? 200 : 202,
    body: presentOperation(view),
    headers,
  };
}
