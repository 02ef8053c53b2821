import type { Node, NodeBmc, NodeFields, NodeQuery } from "../nodes/index.ts";

export type NodeErrorCode =
  | "node-not-found"
  | "node-name-in-use"
  | "bmc-in-use"
  | "node-version-stale"
  | "node-deploying"
  | "node-field-invalid";

export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: NodeErrorCode;
  readonly hint: string | undefined;
  readonly fields: { path: string; message: string }[];
  readonly inTheWay: string | undefined;

  constructor(
    message: string,
    facts: {
      code: NodeErrorCode;
      hint?: string;
      fields?: { path: string; message: string }[];
      inTheWay?: string;
    },
  ) {
    super(message);
    this.code = facts.code;
    this.hint = facts.hint;
    this.fields = facts.fields ?? [];
    this.inTheWay = facts.inTheWay;
  }
}

export type NodeChanges = Partial<Omit<NodeFields, "bmc">> & { bmc?: Partial<NodeBmc>; password?: string };

export interface Nodes {
  add(fields: NodeFields, password: string): Promise<Node>;
  get(idOrName: string): Promise<Node>;
  list(query: NodeQuery): Promise<Node[]>;
  change(idOrName: string, version: number | null, changes: NodeChanges): Promise<Node>;
  remove(idOrName: string): Promise<void>;
}
