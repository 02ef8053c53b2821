import { promisify } from "node:util";
import { gzip } from "node:zlib";
import * as z from "zod";
import type { DeployEvent, RecordView } from "../../deploy/index.ts";
import { readAgentLog } from "../agent-log.ts";
import type { RouteParts } from "../parts.ts";
import { presentEvent } from "../present/event.ts";
import { presentDeployment } from "../present/record.ts";
import { readRecord } from "../records.ts";
import { defineRoute, type Route } from "../route.ts";
import { packTar } from "../tar.ts";
import { problems } from "./problems.ts";

type Parts = Pick<RouteParts, "records" | "readCounts" | "transcripts" | "blobs" | "version">;

const pack = promisify(gzip);
const PAGE = 1000;

/** All that is known of one deployment, for whoever is to find out what went wrong. */
export function createDossierRoute(parts: Parts): Route {
  return defineRoute({
    method: "get",
    path: "/v1/deployments/{id}/dossier",
    tag: "Deployments",
    summary: "All that is known of a deployment, in one file without secrets",
    description:
      "A gzip'd tar: `deployment.json`, `events.json`, `redfish.json` (what was said to the BMC and what it answered, kept for " +
      "14 days; `trayload simulate --replay` answers as it did), `disc.json` (what was read of the disc) and, where it was " +
      "collected, `agent-log.tar.gz`.",
    responses: {
      200: {
        description: "The archive",
        schema: z.string(),
        contentType: "application/gzip",
        headers: ["Content-Disposition"],
      },
      ...problems(404),
    },
    run: async ({ params }) => {
      const view = await readRecord(parts.records, "deployment", params.id!);
      const body = await pack(packTar(await filesOf(parts, view), new Date()));
      const headers = { "content-disposition": `attachment; filename="${view.id}.tar.gz"` };
      return { status: 200, body, headers, contentType: "application/gzip" };
    },
  });
}

async function filesOf(parts: Parts, view: RecordView): Promise<Record<string, string | Buffer>> {
  const events = await eventsOf(parts, view.id);
  const disc = view.facts["disc"] as { id: string; sizeBytes: number } | undefined;
  const reads = disc === undefined ? undefined : await parts.readCounts.load(disc.id);
  const files = {
    "deployment.json": { trayload: parts.version, ...presentDeployment(view, null) },
    "events.json": events.map((event) => presentEvent(view.id, event)),
    "redfish.json": await parts.transcripts.read(view.id),
    "disc.json": { sizeBytes: disc?.sizeBytes ?? null, reads: reads ?? null },
  };
  const agentLog = await readAgentLog(parts, view);
  return {
    ...Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name, `${JSON.stringify(content, undefined, 2)}\n`]),
    ),
    ...(agentLog === undefined ? {} : { "agent-log.tar.gz": agentLog }),
  };
}

async function eventsOf({ records }: Parts, id: string): Promise<DeployEvent[]> {
  const events: DeployEvent[] = [];
  for (;;) {
    const page = await records.events(id, events.at(-1)?.seq ?? 0, PAGE);
    events.push(...page);
    if (page.length < PAGE) return events;
  }
}
