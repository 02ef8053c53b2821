import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { Node } from "../../nodes/index.ts";
import { type Answer, tagOf, versionOf } from "../answer.ts";
import type { RouteParts } from "../parts.ts";
import { Problem } from "../problem.ts";
import { defineRoute, type Route } from "../route.ts";
import { nodeChanges, nodeInput, shownNode } from "../schemas/node.ts";
import { presentAgent } from "../present/agent.ts";
import { nothing } from "../schemas/operation.ts";
import { FLEETING, presentWithProgress } from "./node-list.ts";
import { BODY_PROBLEMS, problems } from "./problems.ts";

type Parts = Pick<RouteParts, "nodes" | "records" | "samples" | "bmcs">;

const ONE = { description: "The node", schema: shownNode, headers: ["ETag"] };
const IF_MATCH = {
  "If-Match": "ETag of the node as it was read; refused with 412 when it has changed since",
};

export function createNodeRoutes(parts: Parts): Route[] {
  return [add(parts), read(parts), change(parts), remove(parts), resetBreaker(parts)];
}

const add = (parts: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/nodes",
    tag: "Nodes",
    summary: "Add a node",
    isIdempotent: true,
    query: z.strictObject({
      dryRun: z
        .enum(["true", "false"])
        .exactOptional()
        .meta({ description: "`true` judges the node and adds nothing" }),
    }),
    body: nodeInput,
    responses: {
      200: { description: "It would be added as this (`dryRun`)", schema: shownNode },
      201: { ...ONE, headers: ["ETag", "Location"] },
      ...BODY_PROBLEMS,
      ...problems(409),
    },
    run: async ({ body, query, note }) => {
      const { bmc, ...fields } = body;
      const { password, ...reach } = bmc;
      if (query.dryRun === "true") {
        note({ after: { dryRun: true } });
        const judged = await parts.nodes.judge({ ...fields, bmc: reach }, password);
        return { status: 200, body: (await show(parts, judged)).body };
      }
      const node = await parts.nodes.add({ ...fields, bmc: reach }, password);
      note({ after: fieldsOf(node) });
      const answer = await show(parts, node);
      return { ...answer, status: 201, headers: { location: `/v1/nodes/${node.id}` } };
    },
  });

const read = (parts: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/nodes/{id}",
    tag: "Nodes",
    summary: "Read a node",
    responses: { 200: ONE, ...problems(404) },
    run: async ({ params }) => show(parts, await parts.nodes.get(params.id!)),
  });

const change = (parts: Parts) =>
  defineRoute({
    method: "patch",
    path: "/v1/nodes/{id}",
    tag: "Nodes",
    summary: "Change a node; what is absent stays",
    body: nodeChanges,
    headers: IF_MATCH,
    responses: { 200: ONE, ...BODY_PROBLEMS, ...problems(404, 409, 412) },
    run: async ({ params, body, request, note }) => {
      const { bmc, ...fields } = body;
      const { password, ...reach } = bmc ?? {};
      const changes = {
        ...fields,
        ...(bmc === undefined ? {} : { bmc: reach }),
        ...(password === undefined ? {} : { password }),
      };
      const before = await parts.nodes.get(params.id!);
      const version = expectedVersion(request.headers["if-match"]);
      const node = await parts.nodes.change(params.id!, version, changes);
      note(
        difference(fieldsOf(before), { ...fieldsOf(node), ...(password === undefined ? {} : NEW_PASSWORD) }),
      );
      return show(parts, node);
    },
  });

const remove = ({ nodes }: Parts) =>
  defineRoute({
    method: "delete",
    path: "/v1/nodes/{id}",
    tag: "Nodes",
    summary: "Remove a node",
    responses: { 204: { description: "It is gone" }, ...problems(404, 409) },
    run: async ({ params, note }) => {
      const node = await nodes.get(params.id!);
      await nodes.remove(params.id!);
      note({ before: fieldsOf(node) });
      return { status: 204 };
    },
  });

const resetBreaker = ({ nodes, bmcs }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/nodes/{id}/breaker/reset",
    tag: "Nodes",
    summary: "Try a BMC again at once that is left alone because it could not be reached",
    body: nothing,
    responses: { 204: { description: "The next request goes to it" }, ...BODY_PROBLEMS, ...problems(404) },
    run: async ({ params, note }) => {
      const { id, bmc } = await nodes.get(params.id!);
      await bmcs.tryAgain(bmc);
      note({ after: { node: id } });
      return { status: 204 };
    },
  });

/** What a person has set of a node. Its password is not among it, nor are log-ins of its agent's images. */
function fieldsOf({
  observed: _seen,
  version: _version,
  updatedAt: _at,
  agent,
  ...fields
}: Node): Record<string, unknown> {
  return { ...fields, agent: presentAgent(agent) };
}

const NEW_PASSWORD = { password: "changed" };

/** The fields that are not the same any more. */
function difference(before: Record<string, unknown>, after: Record<string, unknown>) {
  const names = Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name]));
  const pick = (fields: Record<string, unknown>) =>
    Object.fromEntries(names.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
  return { before: pick(before), after: pick(after) };
}

function expectedVersion(ifMatch: string | undefined): number | null {
  const version = versionOf(ifMatch);
  if (version !== undefined) return version;
  throw new Problem("invalid-header", "If-Match: is not an ETag of a node.", {
    hint: "Send one strong ETag as it was given, or leave the header out to change whatever is there.",
  });
}

async function show({ records, samples, bmcs }: Parts, node: Node): Promise<Answer> {
  const [newest] = await records.list({ kind: "deployment", nodeId: node.id, limit: 1 });
  const shown = await presentWithProgress(samples, node, newest);
  const bmc = { ...shown.bmc, standing: await bmcs.standing(node.bmc) };
  const body = { ...shown, bmc, capabilities: node.observed.capabilities };
  return { status: 200, body, etag: tagOf(node.version, body, FLEETING) };
}
