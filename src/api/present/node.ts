import type * as z from "zod";
import type { DeploymentRequest, RecordView } from "../../deploy/index.ts";
import type { Node } from "../../nodes/index.ts";
import type { NodeState } from "../ports.ts";
import { presentAgent } from "./agent.ts";
import type { Progress } from "../schemas/deployment.ts";
import type { shownNode } from "../schemas/node.ts";

type ShownNode = z.input<typeof shownNode>;

/**
 * @param newest the node's newest deployment; undefined when it never had one
 * @param progress of that deployment; null unless it runs
 */
export function presentNode(
  node: Node,
  newest: RecordView | undefined,
  progress: Progress | null,
): ShownNode {
  const { observed, bmc, agent, createdAt, updatedAt, version, id, ...fields } = node;
  const { bmcHealth, capabilities, described: _described, ...seen } = observed;
  const [manager] = capabilities?.managers ?? [];
  const { address, username, tls, systemId } = bmc;
  const insecure = tls.mode === "insecure" || address.toLowerCase().startsWith("http:");
  return {
    id,
    ...fields,
    agent: presentAgent(agent),
    bmc: {
      address,
      username,
      tls,
      systemId,
      insecure,
      health: bmcHealth,
      model: manager?.model ?? null,
      firmware: manager?.firmwareVersion ?? null,
    },
    state: stateOf(newest),
    ...seen,
    deployment: newest === undefined ? null : presentNewest(newest, progress),
    version,
    createdAt,
    updatedAt,
  };
}

function presentNewest(view: RecordView, progress: Progress | null): ShownNode["deployment"] {
  const { id, state, step, steps, waitingOn, error, createdAt, startedAt, endedAt } = view;
  const place = steps.findIndex(({ name }) => name === step);
  return {
    id,
    state,
    step,
    stepNumber: place < 0 ? null : place + 1,
    stepCount: steps.length,
    waitingOn,
    progress,
    error,
    cancelRequested: view.cancelRequested !== null,
    boot: (view.request as DeploymentRequest).boot,
    createdAt,
    startedAt,
    endedAt,
  };
}

const WORKING = { deploy: "deploying", inspect: "inspecting", clean: "cleaning" } as const;

/** A cancelled deployment leaves the node as free as before, and so does one that put no system on it. */
function stateOf(newest: RecordView | undefined): NodeState {
  if (newest === undefined) return "deployable";
  const { purpose } = newest.request as DeploymentRequest;
  const { state } = newest;
  switch (state) {
    case "queued":
    case "running":
      return WORKING[purpose];
    case "succeeded":
      return purpose === "deploy" ? "deployed" : "deployable";
    case "failed":
      return "failed";
    case "cancelled":
      return "deployable";
    default:
      return state satisfies never;
  }
}
