import * as z from "zod";
import type { RecordView } from "../deploy/index.ts";
import type { RouteParts } from "./parts.ts";

/** The fact that the steps leave about the log. */
const logFact = z.object({ blob: z.string() });

/** The agent's log of a deployment, a gzip'd tar without its token; undefined where none is kept. */
export async function readAgentLog(
  { blobs }: Pick<RouteParts, "blobs">,
  { facts }: RecordView,
): Promise<Buffer | undefined> {
  const fact = logFact.safeParse(facts["agentLog"]);
  return fact.success ? blobs.read(fact.data.blob) : undefined;
}
