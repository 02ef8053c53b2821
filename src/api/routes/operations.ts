import { tagOf } from "../answer.ts";
import type { RouteParts } from "../parts.ts";
import { presentOperation } from "../present/record.ts";
import { mustBe, pollSeconds } from "../records.ts";
import { defineRoute, type Route } from "../route.ts";
import { shownOperation } from "../schemas/operation.ts";
import { HOLD_QUERY, holdRecord } from "./held.ts";
import { problems } from "./problems.ts";

type Parts = Pick<RouteParts, "records" | "holds">;

export function createOperationRoutes({ holds }: Parts): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/v1/operations/{id}",
      tag: "Operations",
      summary: "Read an operation, now or when something has happened",
      query: HOLD_QUERY,
      responses: {
        200: { description: "The operation", schema: shownOperation, headers: ["ETag", "Retry-After"] },
        ...problems(404),
      },
      run: async (call) => {
        const view = mustBe("operation", call.params.id!, await holdRecord(holds, call));
        const body = presentOperation(view);
        const headers = { "retry-after": pollSeconds(view) };
        return { status: 200, body, headers, etag: tagOf(view.version, body) };
      },
    }),
  ];
}
