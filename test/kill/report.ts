import assert from "node:assert/strict";
import type { Verdict } from "./house.ts";
import { createTable } from "./table.ts";

const table = createTable();

/** Told when everything has run, of all suites together. */
after(() => console.log(`\n${table.print()}\n`));

/**
 * Puts what became of deployments into the table.
 *
 * @param moment one for all, or each one's
 * @param said what the processes had to say
 * @throws AssertionError that tells all there is to know about the first that did not end as it should
 */
export function note(
  victim: string,
  moment: string | readonly string[],
  verdicts: readonly Verdict[],
  said: () => string,
): void {
  const momentOf = (index: number) => (typeof moment === "string" ? moment : moment[index]!);
  for (const [index, verdict] of verdicts.entries()) table.add(victim, momentOf(index), verdict);
  for (const [index, { trouble, ...verdict }] of verdicts.entries())
    if (trouble !== null)
      assert.fail(`${victim}, ${momentOf(index)}: ${JSON.stringify(verdict)}\n${trouble}\n${said()}`);
}
