import type { Deed, Verdict } from "./house.ts";

/** Gathers what became of every deployment, by who died when, and what the lab counted. */
export interface Table {
  add(victim: string, moment: string, verdict: Verdict): void;
  /** The table as text, with the sum in its last line. */
  print(): string;
}

interface Row {
  runs: number;
  succeeded: number;
  lost: number;
  doubled: number;
  done: Record<Deed, number>;
  needed: Record<Deed, number>;
}

const DEEDS: readonly Deed[] = ["insert", "override", "power-on", "power-off", "eject"];

export function createTable(): Table {
  const rows = new Map<string, Row>();

  function add(victim: string, moment: string, verdict: Verdict): void {
    const key = [victim, moment, verdict.family, verdict.pace].join("\t");
    const row = rows.get(key) ?? emptyRow();
    rows.set(key, row);
    row.runs += 1;
    if (verdict.state === "succeeded") row.succeeded += 1;
    if (verdict.state === "lost" || DEEDS.some((deed) => verdict.done[deed] < verdict.needed[deed]))
      row.lost += 1;
    if (DEEDS.some((deed) => verdict.done[deed] > verdict.needed[deed])) row.doubled += 1;
    for (const deed of DEEDS) {
      row.done[deed] += verdict.done[deed];
      row.needed[deed] += verdict.needed[deed];
    }
  }

  return {
    add,
    print() {
      const head = ["victim", "moment", "family", "power", "runs", "succeeded", "lost", "doubled"];
      const lines = [...rows].map(([key, row]) => [...key.split("\t"), ...cellsOf(row)]);
      const sum = ["all", "", "", "", ...cellsOf([...rows.values()].reduce(join, emptyRow()))];
      return align([[...head, ...DEEDS.map((deed) => `${deed}s`)], ...lines, sum]);
    },
  };
}

const none = (): Record<Deed, number> => ({
  insert: 0,
  override: 0,
  "power-on": 0,
  "power-off": 0,
  eject: 0,
});

function emptyRow(): Row {
  return { runs: 0, succeeded: 0, lost: 0, doubled: 0, done: none(), needed: none() };
}

function join(a: Row, b: Row): Row {
  const both = (name: "done" | "needed") =>
    Object.fromEntries(DEEDS.map((deed) => [deed, a[name][deed] + b[name][deed]])) as Record<Deed, number>;
  return {
    runs: a.runs + b.runs,
    succeeded: a.succeeded + b.succeeded,
    lost: a.lost + b.lost,
    doubled: a.doubled + b.doubled,
    done: both("done"),
    needed: both("needed"),
  };
}

/** What was done, and behind the slash what the plans needed. */
function cellsOf({ runs, succeeded, lost, doubled, done, needed }: Row): string[] {
  return [
    ...[runs, succeeded, lost, doubled].map(String),
    ...DEEDS.map((deed) => `${done[deed]}/${needed[deed]}`),
  ];
}

function align(lines: string[][]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
