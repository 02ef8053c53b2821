import assert from "node:assert/strict";
import { readMembers } from "../../src/redfish/members.ts";
import { listSlots } from "../../src/redfish/slots.ts";
import { findSystem } from "../../src/redfish/system.ts";
import { asked, begin, endAll, fails } from "./fixture.ts";
import type { Fixed, Reply } from "./https-peer.ts";

const LIST = "/redfish/v1/Systems";
const RESET = { "#ComputerSystem.Reset": { target: "/reset" } };
const BROKEN = { status: 500, body: "{}" };

const links = (...paths: string[]) => paths.map((path) => ({ "@odata.id": path }));

/** A service with these answers by path; 404 to all else. */
async function serviceOf(answers: Record<string, object>, root: object = {}) {
  const all: Record<string, object> = {
    "/redfish/v1/": { ...root, Systems: { "@odata.id": LIST } },
    ...answers,
  };
  const answer: Reply = ({ url }) => {
    const found = all[url!];
    if (found === undefined) return { status: 404 };
    return "status" in found ? (found as Fixed) : { body: JSON.stringify(found) };
  };
  return begin(Array.from({ length: 40 }, () => answer));
}

describe("the members of a collection", () => {
  afterEach(endAll);

  const PAGES = {
    [LIST]: { Members: links(`${LIST}/a`), "Members@odata.nextLink": `${LIST}?$skip=1` },
    [`${LIST}?$skip=1`]: { Members: links(`${LIST}/b`), "Members@odata.nextLink": `${LIST}?$skip=2` },
    [`${LIST}?$skip=2`]: { Members: links(`${LIST}/c`) },
    [`${LIST}/a`]: { Id: "a" },
    [`${LIST}/b`]: { Id: "b" },
    [`${LIST}/c`]: { Id: "c", Actions: RESET },
  };

  it("are read from every page of it", async () => {
    const { client } = await serviceOf(PAGES);
    const members = await readMembers(client, LIST);
    assert.deepEqual(
      members.map(([path]) => path),
      [`${LIST}/a`, `${LIST}/b`, `${LIST}/c`],
    );
    assert.equal((await findSystem(client, null)).id, "c");
  });

  it("are read from every page that came with them", async () => {
    const expanded = {
      [`${LIST}?$expand=.`]: {
        Members: [{ "@odata.id": `${LIST}/a`, Id: "a" }],
        "Members@odata.nextLink": "/next",
      },
      "/next": { Members: [{ "@odata.id": `${LIST}/b`, Id: "b" }] },
    };
    const { client, peer } = await serviceOf(expanded, {
      ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: true } },
    });
    assert.equal((await readMembers(client, LIST)).length, 2);
    assert.deepEqual(asked(peer), ["GET /redfish/v1/", `GET ${LIST}?$expand=.`, "GET /next"]);
  });

  it("are not read for ever from pages that lead to themselves", async () => {
    const { client } = await serviceOf({
      [LIST]: { Members: links(`${LIST}/a`), "Members@odata.nextLink": "/more" },
      "/more": { Members: links(`${LIST}/b`), "Members@odata.nextLink": "/more" },
      [`${LIST}/a`]: { Id: "a" },
      [`${LIST}/b`]: { Id: "b" },
    });
    assert.equal((await readMembers(client, LIST)).length, 2);
  });

  for (const [what, trouble, code] of [
    ["500", BROKEN, "bmc-failed"],
    ["403", { status: 403, body: "{}" }, "bmc-access-denied"],
  ] as const)
    describe(`of which one is answered with ${what}`, () => {
      it("are the others", async () => {
        const { client } = await serviceOf({
          [LIST]: { Members: links(`${LIST}/board`, `${LIST}/host`) },
          [`${LIST}/board`]: trouble,
          [`${LIST}/host`]: { Id: "host", Actions: RESET },
        });
        assert.equal((await findSystem(client, null)).id, "host");
        assert.equal((await findSystem(client, "host")).id, "host");
        await fails(findSystem(client, "board"), code);
      });

      it("lack what is wanted in the BMC's own words", async () => {
        const { client } = await serviceOf({
          [LIST]: { Members: links(`${LIST}/board`, `${LIST}/host`) },
          [`${LIST}/board`]: { Id: "board" },
          [`${LIST}/host`]: trouble,
        });
        const error = await fails(findSystem(client, null), code);
        assert.match(error.message, /Systems\/host/);
      });

      it("are slots for a disc all the same, where another is one", async () => {
        const answers = {
          "/host": { VirtualMedia: { "@odata.id": "/media" } },
          "/media": { Members: links("/media/usb", "/media/cd") },
          "/media/usb": trouble,
          "/media/cd": {
            Id: "cd",
            MediaTypes: ["CD"],
            Actions: { "#VirtualMedia.InsertMedia": { target: "/in" } },
          },
        };
        const { client } = await serviceOf(answers);
        const slots = await listSlots(client, { path: "/host", managers: [] });
        assert.deepEqual(
          slots.map(({ id }) => id),
          ["cd"],
        );
        const { client: other } = await serviceOf({
          ...answers,
          "/media/cd": { Id: "usb2", MediaTypes: ["USBStick"] },
        });
        await fails(listSlots(other, { path: "/host", managers: [] }), code);
      });
    });

  it("are read again where the whole BMC refuses for now", async () => {
    const { client } = await serviceOf({
      [LIST]: { Members: links(`${LIST}/a`, `${LIST}/b`) },
      [`${LIST}/a`]: { status: 503, headers: { "retry-after": "600" }, body: "{}" },
      [`${LIST}/b`]: { Id: "b", Actions: RESET },
    });
    await fails(findSystem(client, null), "bmc-busy");
  });
});
