import { type DeploymentRequest, type Intake, IntakeError } from "../deploy/index.ts";
import type { Node, Nodes } from "../nodes/index.ts";
import type { Hindrance } from "./campaign.ts";
import { CampaignError } from "./errors.ts";
import type { Asker, CampaignInput, JudgedRequest } from "./input.ts";
import { selectNodes } from "./select.ts";

interface FitParts {
  nodes: Pick<Nodes, "find" | "list">;
  intake: Pick<Intake, "judge">;
}

/** Finds the nodes of a campaign, and judges the request for each of them. @throws CampaignError, IntakeError as `judgeEach` */
export async function judgeNodes(
  parts: FitParts,
  input: CampaignInput,
  { scope }: Asker,
): Promise<JudgedRequest[]> {
  return judgeEach(parts, input, await selectNodes(parts.nodes, input, scope));
}

/** @throws CampaignError `campaign-unfit`; IntakeError, the one that all nodes have in common */
export async function judgeEach(
  { intake }: Pick<FitParts, "intake">,
  input: Pick<CampaignInput, "deployment" | "unfit">,
  found: readonly Node[],
): Promise<JudgedRequest[]> {
  const willing = found.filter(({ maintenance }) => !maintenance);
  const verdicts = await intake.judge(input.deployment, willing);
  refuseForAll(verdicts);
  const byNode = new Map(willing.map(({ id }, index) => [id, verdicts[index]!]));
  const judged = found.map((node): JudgedRequest => {
    const verdict = byNode.get(node.id);
    if (verdict === undefined) return { node, request: null, hindrance: inMaintenance(node) };
    if (verdict instanceof IntakeError) return { node, request: null, hindrance: hindranceOf(verdict) };
    return { node, request: verdict, hindrance: null };
  });
  const isUnfit = verdicts.some((verdict) => verdict instanceof IntakeError);
  if (isUnfit && input.unfit !== "skip") refuseUnfit(judged);
  return judged;
}

/** What is wrong for every node in the same words is wrong with the request itself. */
function refuseForAll(verdicts: readonly (DeploymentRequest | IntakeError)[]): void {
  const isOwn = (verdict: object) => verdict instanceof IntakeError && verdict.code === "node-protected";
  const others = verdicts.filter((verdict) => !isOwn(verdict));
  const [first] = others;
  if (!(first instanceof IntakeError)) return;
  const { code, message, hint } = first;
  if (!others.every((other) => other instanceof IntakeError && other.code === code)) return;
  const fields = first.fields.map((field) => ({ ...field, path: `deployment.${field.path}` }));
  throw new IntakeError(message, { code, fields, ...(hint === undefined ? {} : { hint }) });
}

export function refuseUnfit(judged: readonly JudgedRequest[]): never {
  const unfit = judged.filter(({ hindrance }) => hindrance !== null);
  throw new CampaignError(`${unfit.length} of ${judged.length} nodes cannot be deployed as asked`, {
    code: "campaign-unfit",
    hint: 'Leave them out, ask with unfit "skip", or see with dryRun what is wrong with each.',
    fields: unfit.map(({ node, hindrance }) => ({
      path: `nodes[${judged.findIndex((one) => one.node === node)}]`,
      message: `${node.name}: ${hindrance!.message}`,
    })),
  });
}

/** Not an error: whoever puts a node into maintenance wants campaigns to pass it by. */
const MAINTENANCE = "node-in-maintenance";

export function inMaintenance({ name }: Node): Hindrance {
  return { code: MAINTENANCE, message: `${name} is in maintenance`, hint: null, holder: null };
}

export function hindranceOf({ code, message, hint, inTheWay }: IntakeError): Hindrance {
  return { code, message, hint: hint ?? null, holder: inTheWay ?? null };
}
