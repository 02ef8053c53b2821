import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  arrangeSlots,
  QUIRKS,
  type Quirk,
  quirksOf,
  readQuirks,
  type Traits,
  waysOf,
} from "../../src/redfish/quirks/index.ts";
import type { Slot } from "../../src/redfish/slots.ts";

const NOTHING: Traits = { vendors: [], products: [], oem: [], managers: [], slots: [] };
const row = (match: Quirk["match"], differs: Quirk["differs"] = {}): Quirk => ({
  name: "row",
  why: "",
  seen: "",
  match,
  differs,
});
const fits = (match: Quirk["match"], traits: Partial<Traits>) =>
  quirksOf([row(match)], { ...NOTHING, ...traits }).length === 1;
const firmware = (firmwareVersion: string) => ({ managers: [{ model: undefined, firmwareVersion }] });

describe("quirk rows", () => {
  it("fit when all that they name is there, whatever its case, and not when one is missing", () => {
    assert.ok(fits({ vendor: "lenovo", slot: "^EXT" }, { vendors: ["Lenovo"], slots: [{ id: "EXT1" }] }));
    assert.ok(!fits({ vendor: "lenovo", slot: "^EXT" }, { vendors: ["Lenovo"], slots: [{ id: "CD1" }] }));
    assert.ok(!fits({ vendor: "lenovo" }, {}));
  });

  it("compare firmware by its numbers, whatever words stand around them", () => {
    assert.ok(fits({ firmware: { from: "6.00.02", below: "7" } }, firmware("6.10.30.00")));
    assert.ok(!fits({ firmware: { below: "6.00.02" } }, firmware("6.10.30.00")));
    assert.ok(fits({ firmware: { from: "3.2" } }, firmware("iLO 5 v3.11")));
    assert.ok(!fits({ firmware: { from: "3.2" } }, {}));
  });

  it("say together what each says, the later over the earlier", () => {
    const rows = [row({}, { slotsFirst: "a", wantsWholeBoot: true }), row({}, { slotsFirst: "b" })];
    assert.deepEqual(waysOf(rows), { slotsFirst: "b", wantsWholeBoot: true });
  });

  it("put slots first, and take discs from those that never hold one", () => {
    const slots = ["RDOC1", "EXT1", "EXT2"].map((id) => ({ id, takesDisc: true }) as Slot);
    const arranged = arrangeSlots(slots, { slotsFirst: "^EXT", slotsNever: "^RDOC" });
    assert.deepEqual(
      arranged.map(({ id, takesDisc }) => [id, takesDisc]),
      [
        ["EXT1", true],
        ["EXT2", true],
        ["RDOC1", false],
      ],
    );
  });

  it("have names of their own, patterns that can be read, a reason and a place where they were seen", () => {
    assert.equal(new Set(QUIRKS.map(({ name }) => name)).size, QUIRKS.length);
    for (const { name, match, differs, why, seen } of QUIRKS) {
      const { firmware: _range, ...patterns } = match;
      assert.ok(Object.keys(match).length > 0 && Object.keys(differs).length > 0, name);
      for (const pattern of Object.values(patterns))
        assert.doesNotThrow(() => new RegExp(pattern, "i"), name);
      assert.match(why, /\.$/, name);
      assert.match(seen, /field notes \d|recorded/, name);
    }
  });

  it("can be written by others, who are told what is wrong with theirs", () => {
    const text =
      "- {name: mine, match: {vendor: ^acme}, differs: {wantsWholeBoot: true}, why: so, seen: here}";
    assert.deepEqual(readQuirks(text)[0]?.differs, { wantsWholeBoot: true });
    const wrong = (from: string, to: string) => () => readQuirks(text.replace(from, to));
    assert.throws(wrong("^acme", "'('"), /row 1.match.vendor: must be a regular expression/);
    assert.throws(wrong("wantsWholeBoot", "wantsAll"), /row 1.differs: .*wantsAll/);
    assert.throws(wrong("vendor: ^acme", ""), /row 1.match: must say something/);
    assert.throws(() => readQuirks("mine"), /expected array/);
  });

  it("are told of in docs/field-notes.md, and none other is", () => {
    const notes = readFileSync(join(import.meta.dirname, "../../docs/field-notes.md"), "utf8");
    const lists = [...notes.matchAll(/[Rr]ows? (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*)/g)];
    const told = lists.flatMap(([, list]) => [...list!.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    assert.deepEqual(new Set(told), new Set(QUIRKS.map(({ name }) => name)));
  });

  it("stand in a table there with what they fire on, what they change and where that was seen", () => {
    const notes = readFileSync(join(import.meta.dirname, "../../docs/field-notes.md"), "utf8");
    for (const { name, match, differs, seen } of QUIRKS) {
      const line = notes.split("\n").find((one) => one.startsWith(`| \`${name}\` |`)) ?? "";
      const [, , firesOn, changes, tried, source] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      assert.deepEqual([firesOn, changes, source], [inWords(match), inWords(differs), seen], name);
      assert.match(tried!, /^`[a-z0-9.-]+`/, name);
    }
  });
});

/** As a cell of the table has it. */
function inWords(what: object): string {
  const said = (value: unknown) =>
    (typeof value === "string" ? value : JSON.stringify(value)).replaceAll("|", "\\|");
  return Object.entries(what)
    .map(([key, value]) => `${key} \`${said(value)}\``)
    .join(", ");
}
