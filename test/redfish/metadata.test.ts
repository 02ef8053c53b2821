import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseMetadata, readMetadata } from "../../src/redfish/metadata.ts";
import { begin, endAll, fails } from "./fixture.ts";

const MOCKUPS = process.env["TRAYLOAD_MOCKUPS"] ?? join(import.meta.dirname, "../../../shared/mockups");
/** Version of VirtualMedia and a schema of the maker's own, as recorded; read off the trees by a person. */
const RECORDED: Record<string, [string | undefined, string | undefined]> = {
  "dell-idrac9-7.10-r750": ["1.6.1", "DellBootSources"],
  "gigabyte-ami-megarac-h262": ["1.3.1", "AMIUpdateService"],
  "hpe-ilo5-dl360gen10plus": ["1.3.0", undefined],
  "openbmc-nvidia-gb200": ["1.6.4", "NvidiaManager"],
};

const edmx = (inner: string) =>
  `<?xml version="1.0"?><edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">${inner}</edmx:Edmx>`;
const reference = (...names: string[]) =>
  `<edmx:Reference Uri="/x.xml">${names.map((name) => `<edmx:Include Namespace="${name}"/>`).join("")}</edmx:Reference>`;

describe("metadata", () => {
  afterEach(endAll);

  it("gives the newest version of each schema, by numbers, and what it makes possible", async () => {
    const media = reference("VirtualMedia", "VirtualMedia.v1_10_0", "VirtualMedia.v1_9_2");
    const system = reference("ComputerSystem.v1_9_0");
    const { client, peer } = await begin([{ body: edmx(media + system + reference("Oem", "DellJob")) }]);
    const { schemas, oem, capabilities } = await readMetadata(client);
    assert.deepEqual(schemas, { VirtualMedia: "1.10.0", ComputerSystem: "1.9.0", Oem: "", DellJob: "" });
    assert.deepEqual(oem, ["Oem", "DellJob"]);
    assert.ok(capabilities.mediaCertificates && capabilities.httpBoot && !capabilities.bootProgress);
    assert.equal(peer.requests[0]?.headers.accept, "application/xml");
  });

  it("takes schemas that stand in the document itself", async () => {
    const inner = '<edmx:DataServices><Schema Namespace="SecureBoot.v1_0_0"/></edmx:DataServices>';
    assert.ok((await parseMetadata(edmx(inner))).capabilities.secureBoot);
  });

  for (const [what, xml] of [
    ["an HTML error page", "<html><body><p>starting<br></body></html>"],
    ["a well-formed page", "<html><body/></html>"],
    ["nothing", ""],
    ["JSON", '{"error":{}}'],
    ["an empty document", edmx("")],
    ["a document that breaks off", edmx(reference("A")).slice(0, -20)],
    [
      "entities that multiply",
      `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${edmx(reference("A")).slice(21)}`,
    ],
    ["entities that nobody declared", edmx(reference("&lol;"))],
    ["elements without end", edmx(reference("A") + "<a>".repeat(10_000) + "</a>".repeat(10_000))],
  ])
    it(`refuses ${what}`, async () => void (await fails(parseMetadata(xml!), "bmc-answer-unreadable")));

  it("reads no further than its limit", async () => {
    const { client } = await begin([{ body: edmx(" ".repeat(3 * 1024 * 1024)) }]);
    assert.match((await fails(readMetadata(client), "bmc-answer-unreadable")).message, /more than 2097152/);
  });

  for (const [tree, [version, own]] of Object.entries(RECORDED))
    it(`reads ${tree} as recorded`, async function () {
      const file = join(MOCKUPS, tree, "redfish/v1/$metadata/index.xml");
      if (!existsSync(file)) return this.skip();
      const { schemas, oem } = await parseMetadata(readFileSync(file, "utf8"));
      assert.equal(schemas["VirtualMedia"], version);
      assert.ok(own === undefined ? oem.length === 0 : oem.includes(own), oem.join(", "));
    });
});
