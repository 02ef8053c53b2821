// Mocha's own report. When a run is over it adds a line "passed failed skipped" to the file TEST_TOTALS, and each
// failure with its place and reason to TEST_FAILURES, from which the gate tells them again at the end of its log.
import { appendFileSync } from "node:fs";
import Mocha from "mocha";

export default class Report extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = runner.stats;
      appendFileSync(process.env.TEST_TOTALS, `${passes} ${failures} ${pending}\n`);
      for (const failure of this.failures) appendFileSync(process.env.TEST_FAILURES, told(failure));
    });
  }
}

/** The test's whole title and file, and the reason, indented below. */
function told(test) {
  const reason = test.err?.stack ?? test.err?.message ?? "no reason given";
  return `${test.fullTitle()} (${test.file})\n${reason.replace(/^/gm, "    ")}\n`;
}
