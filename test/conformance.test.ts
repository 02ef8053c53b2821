import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findSystem, listSlots } from "../src/redfish/index.ts";
import { begin, endAll } from "./redfish/fixture.ts";

const MOCKUPS = process.env["TRAYLOAD_MOCKUPS"] ?? join(import.meta.dirname, "../../shared/mockups");

/** Slots that take a disc, as `id@owner`, by recorded tree; read off the trees by a person. */
const DISC_SLOTS: Record<string, string[]> = {
  "dell-idrac9-6.00-r750": ["1@system", "2@system", "CD@manager"],
  "dell-idrac9-7.10-r750": ["1@system", "2@system", "CD@manager"],
  "dmtf-public-rackmount1": ["CD1@system"],
  "gigabyte-ami-megarac-h262": ["CD1@manager"],
  "hpe-cray-ex235a": [],
  "hpe-ilo5-dl360gen10plus": ["2@manager"],
  "hpe-ilo6-dl380agen11": ["2@manager"],
  "intel-s2600bpb": [],
  "openbmc-nvidia-gb200": ["USB2@manager", "USB1@manager"],
  "openbmc-stock-2.15": [],
};

/** Serves a recorded tree over HTTP as its BMC would. */
async function openTree(tree: string) {
  const { client } = await begin([
    (request) => {
      const file = join(MOCKUPS, tree, new URL(request.url!, "http://bmc").pathname, "index.json");
      return existsSync(file) ? { body: readFileSync(file, "utf8") } : { status: 404 };
    },
  ]);
  return client;
}

describe("recorded trees", () => {
  before(function () {
    if (existsSync(MOCKUPS)) return;
    console.log(`    skipped: no recorded trees at ${MOCKUPS}; name their folder in TRAYLOAD_MOCKUPS`);
    this.skip();
  });
  afterEach(endAll);

  for (const [tree, expected] of Object.entries(DISC_SLOTS))
    it(`${tree}: disc slots are ${expected.join(", ") || "none"}`, async () => {
      const client = await openTree(tree);
      const system = await findSystem(client, null);
      const found = await listSlots(client, system);
      const discs = found.filter((slot) => slot.takesDisc).map((slot) => `${slot.id}@${slot.under}`);
      assert.deepEqual(discs, expected);
      for (const slot of found)
        assert.ok(slot.image === undefined || slot.isInserted, `${slot.path} is empty`);
    });
});
