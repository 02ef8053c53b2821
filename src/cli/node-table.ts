import type { NodeAnswer } from "../client/index.ts";
import { usageError } from "./exit.ts";

/** A node as `POST /v1/nodes` takes it. */
export type NodeEntry = Record<string, unknown> & { name?: unknown; bmc?: Record<string, unknown> };

/** Columns of a table of nodes; only the first three must be there. */
export const COLUMNS = [
  "name",
  "address",
  "username",
  "password",
  "tls",
  "fingerprint",
  "systemId",
  "arch",
  "bootMode",
  "macs",
  "site",
  "rack",
  "labels",
  "protected",
  "maintenance",
  "provisionUrl",
] as const;
type Column = (typeof COLUMNS)[number];

/** @throws CommandError `usage` for a column that is not known, or one that is missing */
export function entriesOfTable(rows: readonly Record<string, string>[], source: string): NodeEntry[] {
  const names = Object.keys(rows[0] ?? {});
  const unknown = names.find((name) => !(COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw usageError(
      `${source} has a column ${unknown}, which is not known`,
      `There are ${COLUMNS.join(", ")}.`,
    );
  const missing = COLUMNS.slice(0, 3).find((name) => rows.length > 0 && !names.includes(name));
  if (missing !== undefined) throw usageError(`${source} has no column ${missing}`);
  return rows.map((row) => entryOf(row as Record<Column, string>, source));
}

/** What is empty is not said. */
function entryOf(row: Record<Column, string>, source: string): NodeEntry {
  const { name, address, username, password, tls, fingerprint, systemId, macs, labels, ...rest } = row;
  const said = (fields: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""));
  const mode = tls || (fingerprint ? "pin" : "");
  return {
    name,
    bmc: said({
      address,
      username,
      password,
      systemId,
      tls: mode === "" ? undefined : { mode, ...said({ fingerprint }) },
    }),
    ...said({
      ...rest,
      protected: truth(row, "protected", source),
      maintenance: truth(row, "maintenance", source),
      macs: macs ? macs.split(/[\s;]+/) : undefined,
      labels: labels ? Object.fromEntries(labels.split(/[\s;]+/).map((one) => pair(one, source))) : undefined,
    }),
  };
}

function truth(row: Record<Column, string>, column: Column, source: string): boolean | undefined {
  const text = row[column]?.toLowerCase();
  if (!text) return undefined;
  if (["true", "yes", "1"].includes(text)) return true;
  if (["false", "no", "0"].includes(text)) return false;
  throw usageError(`${source} says ${column} ${text} of ${row.name}, which is neither true nor false`);
}

function pair(text: string, source: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw usageError(`${source} has the label ${text}, which is not NAME=VALUE`);
}

/** A node as a row of the same table, without its password. */
export function rowOfNode({ bmc, macs, labels, ...node }: NodeAnswer): string[] {
  const cells: Partial<Record<Column, string | boolean | null | undefined>> = {
    ...node,
    ...bmc,
    password: "",
    tls: bmc.tls.mode,
    fingerprint: bmc.tls.fingerprint,
    macs: macs.join(" "),
    labels: Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(" "),
  };
  return COLUMNS.map((column) => String(cells[column] ?? ""));
}
