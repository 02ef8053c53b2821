import * as z from "zod";
import type { Metrics } from "../metrics.ts";
import { defineRoute, type Route } from "../route.ts";

export function createMetricsRoute(metrics: Metrics, isOpen: boolean): Route {
  return defineRoute({
    method: "get",
    path: "/metrics",
    tag: "Health",
    summary: "Metrics for Prometheus",
    isOpen,
    responses: { 200: { description: "Metrics", schema: z.string(), contentType: "text/plain" } },
    run: async () => {
      const { text, contentType } = await metrics.read();
      return { status: 200, body: text, contentType };
    },
  });
}
