import type { Node } from "../nodes/index.ts";
import { type BmcTarget, RedfishError } from "../redfish/index.ts";
import { StepError } from "./errors.ts";
import { type FreshBmc, keepFresh } from "./fresh.ts";
import type { Look } from "./looks.ts";
import { Fenced, type Journal } from "./journal.ts";
import type { Parts } from "./parts.ts";
import { CLEAN_UP } from "./plan.ts";
import type { RecordView } from "./record.ts";
import type { RequestSecrets } from "./request.ts";
import type { StepContext } from "./step.ts";
import type { Claim } from "./store.ts";

/** Longer than a request's own limit, so that a claim outlives what it has sent. */
const LEASE_MARGIN_MS = 2_000;

/** Makes the context in which one step looks once. */
export function createContext(
  parts: Parts,
  claim: Claim,
  journal: Journal,
  stepName: string,
  look: Look,
): StepContext {
  const step = journal.view.steps.find((one) => one.name === stepName)!;
  const startedMs = Date.parse(step.startedAt!);
  const nodeId = journal.view.node.id;
  return {
    get view() {
      return journal.view;
    },
    get facts() {
      return journal.view.facts;
    },
    step: stepName,
    nowMs: parts.clock,
    startedMs,
    deadlineMs: Math.min(startedMs + step.timeoutMs, endOf(journal.view, stepName)),
    node: () => findNode(parts, nodeId),
    async bmc() {
      const bmc = await (look.bmc ??= openBmc(parts, nodeId, look).catch((error: unknown) => {
        look.bmc = undefined;
        throw error;
      }));
      bmc.askedBy(stepName);
      return bmc;
    },
    lookAnew: async () => (await look.bmc)?.lookAnew(stepName),
    secrets: async () => {
      const sealed = await parts.store.sealedSecrets(claim.id);
      return sealed === null ? {} : (JSON.parse(parts.seals.open(sealed, claim.id)) as RequestSecrets);
    },
    async observe(seen) {
      const other = await parts.nodes.observe(nodeId, seen);
      if (other === undefined) return;
      throw new StepError(`the same system of this BMC is node ${other.name} already`, {
        code: "node-in-use",
        hint: `Give both nodes a bmc.systemId of their own, or remove one of them.`,
      });
    },
    learn: (facts) => journal.note({ type: "learned", step: stepName, facts }),
    plan: (steps) => journal.note({ type: "steps-planned", step: stepName, steps }),
    evidence: (what, how, strength) =>
      journal.note({ type: "evidence-found", step: stepName, evidence: { what, how, strength } }),
    warn: (message) => journal.note({ type: "warned", step: stepName, message }),
    async intend(action) {
      journal.note({ type: "action-intended", step: stepName, action });
      await journal.keep(action.limitMs + LEASE_MARGIN_MS);
      // A process that slept since then must not send what its successor may be about to send.
      if (parts.clock() + action.limitMs > journal.leaseUntilMs)
        throw new Fenced(`${claim.id} was held too long to send ${action.kind}`);
    },
    async accepted(action, monitor) {
      journal.note({ type: "action-accepted", step: stepName, action, monitor });
      await journal.keep(action.limitMs + LEASE_MARGIN_MS);
    },
    answered: (action, outcome) => journal.note({ type: "action-answered", step: stepName, action, outcome }),
    takeNode: () => parts.store.takeNode(claim),
    leaveNode: async () => parts.hints.add(await parts.store.leaveNode(claim)),
    nudge: (about) => void wake(parts, claim.id, about),
    followUp: (record) => journal.followUp(record),
  };
}

/** The whole deployment's limit, which the clean-up alone outlives. */
function endOf({ startedAt, request }: RecordView, stepName: string): number {
  return stepName === CLEAN_UP ? Infinity : Date.parse(startedAt!) + request.timeoutMs;
}

async function findNode(parts: Parts, id: string): Promise<Node> {
  const node = await parts.nodes.find(id);
  if (node !== undefined) return node;
  throw new StepError(`node ${id} is gone`, { code: "node-not-found", hint: "Add the node again." });
}

async function openBmc(parts: Parts, nodeId: string, { hear, traceparent }: Look): Promise<FreshBmc> {
  const target = await targetOf(parts, await findNode(parts, nodeId));
  return keepFresh(parts.bmcs.open(target, hear, traceparent), parts.clock);
}

/** How to reach a node's BMC, password included. */
export async function targetOf(parts: Pick<Parts, "nodes" | "bmcs">, node: Node): Promise<BmcTarget> {
  const { address, tls, systemId } = node.bmc;
  return {
    address,
    tls: tls.mode === "pin" ? { mode: "pin", fingerprint: await pinOf(parts, node, tls.fingerprint) } : tls,
    systemId,
    credentials: await parts.nodes.credentials(node.id),
  };
}

/** Where no fingerprint was given, the first certificate that is seen is the one to keep. */
async function pinOf(
  { nodes, bmcs }: Pick<Parts, "nodes" | "bmcs">,
  node: Node,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return given;
  const nobody = { username: "", password: "" };
  const tls = { mode: "pin" as const, fingerprint: NO_CERTIFICATE };
  const offered = await bmcs
    .open({ address: node.bmc.address, tls, systemId: null, credentials: nobody })
    .describe()
    .catch((error: unknown) => error);
  const fingerprint = offered instanceof RedfishError ? offered.fingerprint : undefined;
  if (fingerprint === undefined) throw offered;
  await nodes.pin(node.id, fingerprint);
  return fingerprint;
}

/** Fits no certificate, so that nothing is sent to whoever offers one. */
const NO_CERTIFICATE = `sha256:${"0".repeat(64)}`;

async function wake(parts: Parts, id: string, about: string): Promise<void> {
  try {
    const woken = await parts.store.wake(id, { kind: "nudge", about });
    if (typeof woken === "object") await parts.hints.add(woken.hints);
  } catch (error) {
    // The next look by time comes all the same.
    parts.log.warn({ record: id, error }, "a nudge was lost");
  }
}
