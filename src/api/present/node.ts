import type * as z from "zod";
import type { RecordState } from "../../deploy/index.ts";
import type { Node } from "../../nodes/index.ts";
import type { NODE_STATES, shownNode } from "../schemas/node.ts";

type NodeState = (typeof NODE_STATES)[number];

/** @param last state of the node's newest deployment; undefined when it never had one */
export function presentNode(node: Node, last: RecordState | undefined): z.input<typeof shownNode> {
  const { observed, bmc, createdAt, updatedAt, version, id, ...fields } = node;
  const { bmcHealth, described: _described, ...seen } = observed;
  const { address, username, tls, systemId } = bmc;
  const insecure = tls.mode === "insecure" || address.toLowerCase().startsWith("http:");
  return {
    id,
    ...fields,
    bmc: { address, username, tls, systemId, insecure, health: bmcHealth },
    state: stateOf(last),
    ...seen,
    version,
    createdAt,
    updatedAt,
  };
}

/** A cancelled deployment leaves the node as free as before. */
function stateOf(last: RecordState | undefined): NodeState {
  switch (last) {
    case "queued":
    case "running":
      return "deploying";
    case "succeeded":
      return "deployed";
    case "failed":
      return "failed";
    case "cancelled":
    case undefined:
      return "deployable";
    default:
      return last satisfies never;
  }
}
