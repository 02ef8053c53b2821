import * as z from "zod";
import { readAgentLog } from "../agent-log.ts";
import type { RouteParts } from "../parts.ts";
import { Problem } from "../problem.ts";
import { readRecord } from "../records.ts";
import { defineRoute, type Route } from "../route.ts";
import { presentAgentImages } from "../present/agent.ts";
import { agentImages, shownAgentImages, shownInventory } from "../schemas/agent.ts";
import { BODY_PROBLEMS, problems } from "./problems.ts";

type Parts = Pick<RouteParts, "agentImages" | "inventories" | "nodes" | "records" | "blobs">;

/** What concerns the agent: its default images, what it found, and its logs. */
export function createAgentRoutes(parts: Parts): Route[] {
  return [readImages(parts), writeImages(parts), readInventory(parts), readLog(parts)];
}

const SETTING = { path: "/v1/settings/agent-images", tag: "Settings" } as const;

const readImages = (parts: Parts) =>
  defineRoute({
    ...SETTING,
    method: "get",
    summary: "Read the agent's default images",
    responses: { 200: { description: "By architecture", schema: shownAgentImages } },
    run: async () => ({ status: 200, body: presentAgentImages(await parts.agentImages.read()) }),
  });

const writeImages = (parts: Parts) =>
  defineRoute({
    ...SETTING,
    method: "put",
    summary: "Set the agent's default images; what is absent is forgotten",
    description: "Deployments that were accepted already keep the images that they were accepted with.",
    body: agentImages,
    responses: { 200: { description: "As they are now", schema: shownAgentImages }, ...BODY_PROBLEMS },
    run: async ({ body, note }) => {
      const before = presentAgentImages(await parts.agentImages.read());
      await parts.agentImages.write(body);
      const after = presentAgentImages(await parts.agentImages.read());
      note({ before, after });
      return { status: 200, body: after };
    },
  });

const readInventory = (parts: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/nodes/{id}/inventory",
    tag: "Nodes",
    summary: "Read what the last inspection found of a node",
    responses: { 200: { description: "The inventory", schema: shownInventory }, ...problems(404) },
    run: async ({ params }) => {
      const node = await parts.nodes.get(params.id!);
      const found = await parts.inventories.find(node.id);
      if (found === undefined)
        throw new Problem("inventory-unknown", `The node ${node.name} was never inspected.`, {
          hint: "Deploy it with purpose inspect.",
        });
      const { nodeId: _, ...body } = found;
      return { status: 200, body };
    },
  });

const GZIP = "application/gzip";
const BUNDLE = z.string().meta({ format: "binary" });

const readLog = (parts: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/deployments/{id}/agent-log",
    tag: "Deployments",
    summary: "Read the agent's log, a gzip'd tar without its token",
    responses: {
      200: { description: "The bundle as the agent made it", schema: BUNDLE, contentType: GZIP },
      ...problems(404),
    },
    run: async ({ params }) => {
      const view = await readRecord(parts.records, "deployment", params.id!);
      const bytes = await readAgentLog(parts, view);
      if (bytes === undefined)
        throw new Problem("agent-log-unknown", `No log of the agent is kept with ${view.id}.`, {
          hint: "It is collected on failure, or with collectLogs always, and kept for 30 days.",
        });
      return { status: 200, body: bytes, contentType: GZIP };
    },
  });
