import * as z from "zod";
import type { ReadyCheck, RouteParts } from "../parts.ts";
import { defineRoute, type Route } from "../route.ts";

const HEALTH = z.object({ status: z.literal("ok"), version: z.string() }).meta({ id: "Health" });
const READINESS = z
  .object({ ready: z.boolean(), checks: z.array(z.object({ name: z.string(), ready: z.boolean() })) })
  .meta({ id: "Readiness" });

/** Long enough for a slow database, short enough for a prober. */
const CHECK_LIMIT_MS = 3000;

export function createHealthRoutes({
  readyChecks,
  version,
  log,
}: Pick<RouteParts, "readyChecks" | "version" | "log">): Route[] {
  const ask = async ({ name, isReady }: ReadyCheck) => {
    try {
      return { name, ready: await within(CHECK_LIMIT_MS, isReady()) };
    } catch (error) {
      log.warn({ err: error, check: name }, "a readiness check failed");
      return { name, ready: false };
    }
  };
  return [
    defineRoute({
      method: "get",
      path: "/healthz",
      tag: "Health",
      summary: "Whether the process lives",
      isOpen: true,
      responses: { 200: { description: "It does", schema: HEALTH } },
      run: async () => ({ status: 200, body: { status: "ok", version } }),
    }),
    defineRoute({
      method: "get",
      path: "/readyz",
      tag: "Health",
      summary: "Whether requests make sense now",
      isOpen: true,
      responses: {
        200: { description: "They do", schema: READINESS },
        503: { description: "Something is missing", schema: READINESS },
      },
      run: async () => {
        const checks = await Promise.all(readyChecks.map(ask));
        const ready = checks.every((check) => check.ready);
        return { status: ready ? 200 : 503, body: { ready, checks } };
      },
    }),
  ];
}

async function within(limitMs: number, answer: Promise<boolean>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), limitMs);
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}
