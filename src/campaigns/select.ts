import type { Node, Nodes } from "../nodes/index.ts";
import { CampaignError } from "./errors.ts";

/** Which nodes: all conditions must fit. */
export interface Selector {
  labels?: Record<string, string>;
  site?: string;
  rack?: string;
}

export interface Selection {
  /** Ids or names, in the order in which they are to be deployed. */
  nodes?: readonly string[];
  /** In place of them; they are deployed in the order of their names. */
  selector?: Selector;
  /** How many it should be, so that nobody deploys more than he thinks. */
  expectNodes?: number;
}

const PAGE = 500;

/**
 * Finds the nodes of a campaign.
 *
 * @param scope labels that they must carry for whoever asks
 * @throws CampaignError `campaign-nodes-missing`, `campaign-size-unexpected`
 */
export async function selectNodes(
  nodes: Pick<Nodes, "find" | "list">,
  { nodes: named, selector, expectNodes }: Selection,
  scope: Readonly<Record<string, string>>,
): Promise<Node[]> {
  const found =
    named === undefined
      ? await findFitting(nodes, selector ?? {}, scope)
      : await findNamed(nodes, named, scope);
  if (found.length > 0 && (expectNodes === undefined || found.length === expectNodes)) return found;
  throw new CampaignError(
    expectNodes === undefined || found.length === 0
      ? "no node fits the selector"
      : `${found.length} nodes were found where ${expectNodes} were expected`,
    {
      code: "campaign-size-unexpected",
      hint: "GET /v1/nodes lists what labels find.",
      fields: [
        { path: expectNodes === undefined ? "selector" : "expectNodes", message: `finds ${found.length}` },
      ],
    },
  );
}

async function findFitting(
  nodes: Pick<Nodes, "list">,
  { labels = {}, site, rack }: Selector,
  scope: Readonly<Record<string, string>>,
): Promise<Node[]> {
  // A scope that says otherwise finds nothing.
  if (Object.entries(scope).some(([name, value]) => (labels[name] ?? value) !== value)) return [];
  const found: Node[] = [];
  for (let after: string | undefined; ; ) {
    const query = { labels: { ...labels, ...scope }, limit: PAGE };
    const page = await nodes.list(after === undefined ? query : { ...query, after });
    found.push(...page);
    if (page.length < PAGE) break;
    after = page.at(-1)!.id;
  }
  return found
    .filter(
      (node) => (site === undefined || node.site === site) && (rack === undefined || node.rack === rack),
    )
    .toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

async function findNamed(
  nodes: Pick<Nodes, "find">,
  named: readonly string[],
  scope: Readonly<Record<string, string>>,
): Promise<Node[]> {
  const found = new Map<string, Node>();
  const fields: { path: string; message: string }[] = [];
  for (const [index, idOrName] of named.entries()) {
    const node = await findSeen(nodes, idOrName, scope);
    if (node === undefined) fields.push({ path: `nodes[${index}]`, message: `${idOrName} names no node` });
    else if (found.has(node.id))
      fields.push({ path: `nodes[${index}]`, message: `${idOrName} is named twice` });
    else found.set(node.id, node);
  }
  if (fields.length === 0) return [...found.values()];
  throw new CampaignError(
    `${fields[0]!.message}${fields.length > 1 ? ` (and ${fields.length - 1} more)` : ""}`,
    {
      code: "campaign-nodes-missing",
      fields,
    },
  );
}

/** @returns undefined where there is no such node, or none for whoever has the scope */
export async function findSeen(
  nodes: Pick<Nodes, "find">,
  idOrName: string,
  scope: Readonly<Record<string, string>>,
): Promise<Node | undefined> {
  const node = await nodes.find(idOrName);
  const isSeen = Object.entries(scope).every(([name, value]) => node?.labels[name] === value);
  return isSeen ? node : undefined;
}
