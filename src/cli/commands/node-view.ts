import type { NodeAnswer } from "../../client/index.ts";
import { table } from "../words.ts";

/** A node as a row of the list. */
export function nodeRow(node: NodeAnswer): string[] {
  const { name, state, power, bmc, reachable, media } = node;
  const notes = [
    ...(node.protected ? ["protected"] : []),
    ...(node.maintenance ? ["maintenance"] : []),
    ...(reachable === false ? ["unreachable"] : []),
    ...(media === null ? [] : [media.owed === null ? "disc in" : "clean-up owed"]),
  ];
  return [name, state, power ?? "-", bmc.address, tlsWord(node), notes.join(", ")];
}

export const NODE_HEAD = ["NAME", "STATE", "POWER", "BMC", "TLS", "NOTES"];
export const NODE_HEAD_WIDE = [
  ...NODE_HEAD.slice(0, -1),
  "ARCH",
  "SITE",
  "RACK",
  "MACHINE",
  "LABELS",
  "ID",
  "NOTES",
];

/** The same with more of it. */
export function nodeRowWide(node: NodeAnswer): string[] {
  const usual = nodeRow(node);
  const machine = [node.manufacturer, node.model].filter((part) => part !== null).join(" ");
  const labels = Object.entries(node.labels).map(([name, value]) => `${name}=${value}`);
  const more = [node.arch, node.site, node.rack, machine, labels.join(","), node.id];
  return [...usual.slice(0, -1), ...more.map((part) => part || "-"), usual.at(-1)!];
}

function tlsWord({ bmc }: NodeAnswer): string {
  return bmc.address.startsWith("http:") ? "none" : bmc.tls.mode;
}

/** Everything of a node, a line each. */
export function nodeDetails(node: NodeAnswer): string[] {
  const { bmc, media } = node;
  const pin = bmc.tls.fingerprint === undefined ? "" : ` ${bmc.tls.fingerprint}`;
  const rows: [string, string | null][] = [
    ["name", node.name],
    ["id", node.id],
    ["state", node.state],
    ["power", node.power],
    [
      "reachable",
      node.reachable === null ? null : `${node.reachable ? "yes" : "no"}, seen ${node.seenAt ?? "never"}`,
    ],
    [
      "machine",
      [node.manufacturer, node.model, node.serialNumber].filter((part) => part !== null).join(" ") || null,
    ],
    ["BMC", `${bmc.address} as ${bmc.username}${bmc.systemId === null ? "" : `, system ${bmc.systemId}`}`],
    [
      "TLS",
      `${tlsWord(node)}${pin}${bmc.insecure ? " (insecure: the password can be read on the way)" : ""}`,
    ],
    ["BMC health", bmc.health],
    ["boots by", [node.arch, node.bootMode].filter((part) => part !== null).join(", ")],
    ["MACs", node.macs.join(", ") || null],
    ["place", [node.site, node.rack].filter((part) => part !== null).join(", ") || null],
    [
      "labels",
      Object.entries(node.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(", ") || null,
    ],
    ["provision URL", node.provisionUrl],
    ["protected", node.protected ? "yes" : null],
    ["maintenance", node.maintenance ? "yes" : null],
    ["disc", media === null ? null : `of ${media.deploymentId} in ${media.slot}, eject ${media.eject}`],
    ["owed", media?.owed ?? null],
  ];
  return table(rows.filter((row): row is [string, string] => row[1] !== null));
}
