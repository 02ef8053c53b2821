// Mocha's own report, which adds a line "passed failed skipped" to the file TEST_TOTALS when a run is over.
import { appendFileSync } from "node:fs";
import Mocha from "mocha";

export default class Report extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = runner.stats;
      appendFileSync(process.env.TEST_TOTALS, `${passes} ${failures} ${pending}\n`);
    });
  }
}
