import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { presentDeployment, presentOperation } from "../../src/api/present/record.ts";
import { shownDeployment } from "../../src/api/schemas/deployment.ts";
import { shownOperation } from "../../src/api/schemas/operation.ts";
import { begin, type DeployEvent, foldAll, type RecordView } from "../../src/deploy/index.ts";

const FOLDER = join(import.meta.dirname, "recorded");
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
  version: string;
};

/** What a release wrote: the events of a record, and what it made of them. */
interface Recorded {
  id: string;
  events: [DeployEvent & { type: "accepted" }, ...DeployEvent[]];
  view: RecordView;
}

/** Never written anew: a later release must read what an earlier one has written. Each release adds a folder. */
describe("event logs that releases have written", () => {
  const files = globSync(join(FOLDER, "*/*.json")).toSorted();

  it("are there of this release", () => {
    assert.ok(
      files.some((file) => file.startsWith(join(FOLDER, version))),
      `record those of ${version}`,
    );
  });

  for (const file of files)
    it(`${relative(FOLDER, file)} lead to what they led to then, and can be shown`, () => {
      const { id, events, view } = JSON.parse(readFileSync(file, "utf8")) as Recorded;
      const [first, ...rest] = events;
      for (const event of events) assert.equal(event.v, 1, basename(file));
      const folded = foldAll(begin(id, first), rest);
      // A later release may know more of a record than was known then, but nothing else.
      assert.deepEqual({ ...folded, ...view }, folded);
      if (view.kind === "operation") shownOperation.parse(presentOperation(folded));
      else shownDeployment.parse(presentDeployment(folded, null));
    });
});
