import * as z from "zod";
import type { DeploymentInput, RecordView } from "../../deploy/index.ts";
import { tagOf } from "../answer.ts";
import { DEPLOYMENT_BODY_LIMIT } from "../body.ts";
import type { RouteParts } from "../parts.ts";
import { presentDeployment } from "../present/record.ts";
import { documentsOf } from "../request-part.ts";
import { mustBe, pollSeconds, readRecord } from "../records.ts";
import { defineRoute, type Route } from "../route.ts";
import { deploymentInput, shownDeployment } from "../schemas/deployment.ts";
import { nothing } from "../schemas/operation.ts";
import { askerOf, TRACE_HEADER } from "../trace.ts";
import { HOLD_QUERY, holdRecord } from "./held.ts";
import { BODY_PROBLEMS, problems } from "./problems.ts";

type Parts = Pick<RouteParts, "intake" | "records" | "holds" | "samples" | "scopes">;

/** Figures of the moment, which do not make another answer. */
const FLEETING = ["sampledAt", "etaAt"];
const ACCEPTED = {
  description: "It is accepted",
  schema: shownDeployment,
  headers: ["Location", "Retry-After"],
};

export function createDeploymentRoutes(parts: Parts): Route[] {
  return [create(parts), read(parts), cancel(parts), retry(parts)];
}

const create = ({ intake, scopes }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/deployments",
    tag: "Deployments",
    summary: "Deploy a node",
    isIdempotent: true,
    headers: TRACE_HEADER,
    bodyLimit: DEPLOYMENT_BODY_LIMIT,
    body: deploymentInput,
    responses: { 202: ACCEPTED, ...BODY_PROBLEMS, ...problems(404, 409) },
    run: async ({ body, caller, request, note }) => {
      await scopes.node(caller, body.node);
      const view = await intake.deploy(inputOf(body), askerOf(caller, request));
      // The request stays with the deployment; its URLs may hold what is not for everybody.
      note({ after: { deployment: view.id, node: view.node } });
      return accepted(view);
    },
  });

function inputOf({ node, ...rest }: z.output<typeof deploymentInput>): DeploymentInput {
  return { node, ...templateOf(rest) };
}

/** A request as the deploy room takes it, whatever the node. */
export function templateOf(
  body: Omit<z.output<typeof deploymentInput>, "node">,
): Omit<DeploymentInput, "node"> {
  const { boot, userData, metaData, vendorData, networkData, ...rest } = body;
  const fields = { ...rest, ...documentsOf({ userData, metaData, vendorData, networkData }) };
  if (boot === undefined) return fields;
  const images = Object.entries(boot).map(([role, { format: _format, ...image }]) => [role, image]);
  // The schema has seen to it that it is an ISO, or a kernel and a ramdisk.
  return { ...fields, boot: Object.fromEntries(images) as NonNullable<DeploymentInput["boot"]> };
}

const read = ({ records, holds, samples }: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/deployments/{id}",
    tag: "Deployments",
    summary: "Read a deployment, now or when something has happened",
    query: HOLD_QUERY,
    responses: {
      200: { description: "The deployment", schema: shownDeployment, headers: ["ETag", "Retry-After"] },
      ...problems(404),
    },
    run: async (call) => {
      const view = mustBe("deployment", call.params.id!, await holdRecord(holds, call));
      const shown = presentDeployment(view, await samples.take(view));
      const body = { ...shown, retriedAs: await findRetry(records, view) };
      const headers = { "retry-after": pollSeconds(view) };
      return { status: 200, body, headers, etag: tagOf(view.version, body, FLEETING) };
    },
  });

/** A retry is a later deployment of the same node that says so. */
async function findRetry(records: Parts["records"], view: RecordView): Promise<string | null> {
  if (view.endedAt === null || view.state === "succeeded") return null;
  const query = { kind: "deployment", nodeId: view.node.id, since: view.endedAt, limit: 100 } as const;
  const later = await records.list(query);
  return later.find(({ retryOf }) => retryOf === view.id)?.id ?? null;
}

const cancel = ({ intake, records }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/deployments/{id}/cancel",
    tag: "Deployments",
    summary: "Cancel a deployment; asking again is harmless",
    isIdempotent: true,
    body: nothing,
    responses: { 202: ACCEPTED, ...problems(404, 409) },
    run: async ({ params, caller, note }) => {
      const { state, node } = await readRecord(records, "deployment", params.id!);
      const view = await intake.cancel(params.id!, caller.name);
      note({ before: { state, node }, after: { cancelRequested: true } });
      return accepted(view);
    },
  });

const retry = ({ intake, records }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/deployments/{id}/retry",
    tag: "Deployments",
    summary: "Deploy again what failed or was cancelled, as a new deployment",
    isIdempotent: true,
    headers: TRACE_HEADER,
    body: nothing,
    responses: { 202: ACCEPTED, ...problems(404, 409) },
    run: async ({ params, caller, request, note }) => {
      await readRecord(records, "deployment", params.id!);
      const view = await intake.retry(params.id!, askerOf(caller, request));
      note({ after: { deployment: view.id, node: view.node } });
      return accepted(view);
    },
  });

function accepted(view: RecordView) {
  const headers = { location: `/v1/deployments/${view.id}`, "retry-after": pollSeconds(view) };
  return { status: 202, body: presentDeployment(view, null), headers };
}
