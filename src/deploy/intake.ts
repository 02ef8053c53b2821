import { setImmediate } from "node:timers/promises";
import type { Node } from "../nodes/index.ts";
import { admitImage, admitRequest, pinImages } from "./admit.ts";
import { type AgentImages, withBoot } from "./agent/images.ts";
import { cleaningOf } from "./agent/job.ts";
import { completeRequest } from "./defaults.ts";
import { isFinal } from "./fold.ts";
import { type DeploymentInput, IntakeError } from "./input.ts";
import type { Parts } from "./parts.ts";
import { newDeployment, newOperation } from "./plan.ts";
import type { RecordView } from "./record.ts";
import { keepBlobs } from "./request-parts.ts";
import {
  type DeploymentRequest,
  imagesOf,
  type OperationAction,
  pathOfImage,
  type RequestSecrets,
} from "./request.ts";
import { secretsOf, withCallback } from "./request-secrets.ts";
import { hashOf } from "./secret.ts";
import type { NewRecord } from "./store.ts";
import { refuseNodesRootDevice } from "./write.ts";

/** Who asks for a record. */
export interface Asker {
  /** Of a token, or of what in Trayload asks by itself. */
  name: string;
  /** The trace that the request belongs to, which goes on to the BMC; W3C Trace Context, section 3.2. */
  traceparent?: string | undefined;
}

/** Where requests become records. Every method throws IntakeError, and then nothing has changed. */
export interface Intake {
  /** @param campaign the one that asks, with its claim of the node */
  deploy(input: DeploymentInput, asker: Asker, campaign?: NewRecord["campaign"]): Promise<RecordView>;
  /**
   * Judges one request for many nodes, as far as its words and what was sent ahead can tell; nothing is touched.
   *
   * @returns for each node, in their order, its request or why it cannot be deployed so
   */
  judge(
    input: Omit<DeploymentInput, "node">,
    nodes: readonly Node[],
  ): Promise<(DeploymentRequest | IntakeError)[]>;
  operate(node: string, action: OperationAction, asker: Asker): Promise<RecordView>;
  /** Asks again harmlessly; `deployment-finished` on a finished one. */
  cancel(id: string, by: string): Promise<RecordView>;
  /** A new deployment with the same request, for a failed or cancelled one. */
  retry(id: string, asker: Asker): Promise<RecordView>;
}

type Needed = Pick<Parts, "store" | "hints" | "bell" | "nodes" | "seals" | "clock" | "blobs"> & {
  images: Pick<Parts["images"], "admit" | "resolve">;
  agentImages: Pick<AgentImages, "read">;
};

export function createIntake(parts: Needed): Intake {
  const { store, seals, clock } = parts;

  async function acceptDeployment(
    asked: DeploymentRequest,
    given: RequestSecrets,
    { node, retryOf, campaign, traceparent }: Standing,
  ): Promise<RecordView> {
    if (node.protected) throw isProtected(node);
    await keepBlobs(parts.blobs, asked);
    const request = await pinImages(parts, asked, node.arch, given);
    const record = newDeployment(request, {
      node: nameOf(node),
      nowMs: clock(),
      retryOf,
      traceparent,
      campaignId: campaign?.id,
    });
    const secrets = withCallback(request, given);
    const { callbackSecret } = secrets;
    const isEmpty = Object.keys(secrets).length === 0;
    return accept(parts, {
      ...record,
      sealedSecrets: isEmpty ? null : seals.seal(JSON.stringify(secrets), record.view.id),
      callbackHash: callbackSecret === undefined ? null : hashOf(callbackSecret),
      node: request.whenBusy === "queue" ? "queue" : "now",
      ...(campaign === undefined ? {} : { campaign }),
    });
  }

  async function check(input: DeploymentInput, node: Node) {
    const booting = await withBoot(parts, node, input);
    const cleaning = cleaningOf(node, input);
    const request = completeRequest(node.id, booting, cleaning);
    refuseNodesRootDevice(node, request);
    admitRequest(parts, request);
    return { booting, request, cleaning };
  }

  /** @param isFirst what all nodes get alike is looked at once */
  async function judgeOne(input: DeploymentInput, node: Node, isFirst: boolean): Promise<DeploymentRequest> {
    if (node.protected) throw isProtected(node);
    const { booting, request, cleaning } = await check(input, node);
    if (!isFirst) return request;
    await secretsOf(booting, cleaning);
    await keepBlobs(parts.blobs, request);
    return request;
  }

  return {
    async deploy(input, { traceparent }, campaign) {
      const node = await findNode(parts, input.node);
      const { booting, request, cleaning } = await check(input, node);
      const secrets = await secretsOf(booting, cleaning);
      return acceptDeployment(request, secrets, { node, retryOf: null, campaign, traceparent });
    },
    async judge(input, nodes) {
      const judged: (DeploymentRequest | IntakeError)[] = [];
      for (const node of nodes) {
        // Thousands of nodes are no reason to let others wait.
        if (judged.length % 100 === 99) await setImmediate();
        const isFirst = !judged.some((one) => !(one instanceof IntakeError));
        judged.push(await judgeOne({ ...input, node: node.id }, node, isFirst).catch(asRefusal));
      }
      return judged;
    },
    async operate(nodeName, action, { traceparent }) {
      const node = await findNode(parts, nodeName);
      if (node.protected && isRefusedWhenProtected(action)) throw isProtected(node);
      if (action.kind === "preflight" && action.boot !== null)
        for (const [role, image] of imagesOf({ boot: action.boot }))
          admitImage(parts, pathOfImage(role), image);
      if (action.kind === "bmc-reset") await refuseWhileOthersWork(parts, node);
      const record = newOperation(action, { node: nameOf(node), nowMs: clock(), traceparent });
      const needsNode = action.kind !== "preflight" || action.canary === true;
      return accept(parts, {
        ...record,
        sealedSecrets: null,
        callbackHash: null,
        node: needsNode ? "now" : "none",
      });
    },
    async cancel(id, by) {
      await findDeployment(parts, id, "any");
      const woken = await store.wake(id, { kind: "cancel", by });
      if (typeof woken !== "object") throw isFinished(id);
      await parts.hints.add(woken.hints);
      return (await store.get(id))!;
    },
    async retry(id, { traceparent }) {
      const failed = await findDeployment(parts, id, "failed or cancelled");
      const node = await findNode(parts, failed.node.id);
      const sealed = await store.sealedSecrets(id);
      const secrets = sealed === null ? {} : (JSON.parse(seals.open(sealed, id)) as RequestSecrets);
      return acceptDeployment(failed.request as DeploymentRequest, secrets, {
        node,
        retryOf: id,
        traceparent,
      });
    },
  };
}

function asRefusal(error: unknown): IntakeError {
  if (error instanceof IntakeError) return error;
  throw error;
}

/** What a new deployment comes from. */
interface Standing {
  node: Node;
  retryOf: string | null;
  traceparent: string | undefined;
  campaign?: NewRecord["campaign"];
}

async function accept(
  { store, hints, bell }: Pick<Needed, "store" | "hints" | "bell">,
  record: NewRecord,
): Promise<RecordView> {
  const result = await store.accept(record);
  if (result.accepted) {
    bell.ring(record.view.id);
    await hints.add(result.hints);
    return record.view;
  }
  if (result.reason === "callback-in-use")
    throw new IntakeError("another unfinished deployment has this callbackSecret", {
      code: "callback-secret-in-use",
      hint: "Choose a new random callbackSecret for each deployment.",
      fields: [{ path: "callbackSecret", message: "is in use" }],
    });
  if (result.reason === "not-taken")
    throw new IntakeError(`the campaign wants no deployment of ${record.view.node.name} any more`, {
      code: "campaign-moved-on",
    });
  throw new IntakeError(`node ${record.view.node.name} is held by ${result.holder}`, {
    code: "node-busy",
    hint: 'Wait for it, cancel it, or ask with whenBusy "queue".',
    inTheWay: result.holder,
  });
}

const nameOf = ({ id, name }: Node) => ({ id, name });

/** A restart of the BMC is one for all machines that it manages. */
async function refuseWhileOthersWork({ nodes, store }: Needed, node: Node): Promise<void> {
  for (const other of await nodes.sharing(node.id)) {
    const holder = await store.holderOf(other.id);
    if (holder === undefined) continue;
    throw new IntakeError(`node ${other.name} of the same BMC is held by ${holder}`, {
      code: "node-busy",
      hint: "Wait for it, or cancel it.",
      inTheWay: holder,
    });
  }
}

function isRefusedWhenProtected(action: OperationAction): boolean {
  if (action.kind === "preflight") return action.canary === true;
  return (
    action.kind === "eject" ||
    action.kind === "bmc-reset" ||
    (action.kind === "power" && action.action !== "on")
  );
}

async function findNode({ nodes }: Pick<Needed, "nodes">, idOrName: string): Promise<Node> {
  const node = await nodes.find(idOrName);
  if (node !== undefined) return node;
  throw new IntakeError(`there is no node ${idOrName}`, {
    code: "node-not-found",
    hint: "List the nodes to find its name or id.",
    fields: [{ path: "node", message: "names no node" }],
  });
}

async function findDeployment(
  { store }: Pick<Needed, "store">,
  id: string,
  wanted: "any" | "failed or cancelled",
): Promise<RecordView> {
  const view = await store.get(id);
  if (view?.kind !== "deployment")
    throw new IntakeError(`there is no deployment ${id}`, { code: "deployment-not-found" });
  if (wanted === "any" || view.state === "failed" || view.state === "cancelled") return view;
  const code = isFinal(view.state) ? "deployment-not-retryable" : "deployment-not-finished";
  throw new IntakeError(`deployment ${id} is ${view.state}; only a failed or cancelled one can be retried`, {
    code,
    inTheWay: id,
  });
}

function isProtected({ name }: Node): IntakeError {
  return new IntakeError(`node ${name} is protected`, {
    code: "node-protected",
    hint: "Set protected to false first, if you mean it.",
  });
}

function isFinished(id: string): IntakeError {
  return new IntakeError(`deployment ${id} has ended; there is nothing to cancel`, {
    code: "deployment-finished",
    inTheWay: id,
  });
}
