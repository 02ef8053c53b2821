import assert from "node:assert/strict";
import { findSystem } from "../../src/redfish/system.ts";
import { begin, endAll, fails } from "./fixture.ts";

const reset = { "#ComputerSystem.Reset": { target: "/reset" } };

/** A service whose systems have these bodies. */
async function serviceOf(systems: Record<string, object>) {
  const members = Object.keys(systems).map((id) => ({ "@odata.id": `/redfish/v1/Systems/${id}/` }));
  const bodies: Record<string, object> = {
    "/redfish/v1/": { Systems: { "@odata.id": "/redfish/v1/Systems" } },
    "/redfish/v1/Systems": { Members: members },
  };
  for (const [id, body] of Object.entries(systems)) bodies[`/redfish/v1/Systems/${id}`] = { Id: id, ...body };
  const { client } = await begin([
    (request) => (bodies[request.url!] ? { body: JSON.stringify(bodies[request.url!]) } : { status: 404 }),
  ]);
  return client;
}

describe("system", () => {
  afterEach(endAll);

  it("is the one that can be reset, whatever stands before it", async () => {
    const client = await serviceOf({
      HGX_Baseboard_0: {},
      Capabilities: { Actions: {} },
      System_0: { Actions: reset },
    });
    assert.equal((await findSystem(client, null)).path, "/redfish/v1/Systems/System_0");
  });

  it("is the one with virtual media among several that can be reset", async () => {
    const media = { VirtualMedia: { "@odata.id": "/vm" } };
    const client = await serviceOf({ a: { Actions: reset }, b: { Actions: reset, ...media } });
    assert.equal((await findSystem(client, null)).id, "b");
  });

  it("is not guessed among equals, and the error names them and the field", async () => {
    const client = await serviceOf({ a: { Actions: reset }, b: { Actions: reset } });
    const error = await fails(findSystem(client, null), "bmc-unsupported");
    assert.match(error.message, /lists a, b/);
    assert.match(error.hint!, /bmc\.systemId/);
  });

  it("is found by Id and by @odata.id with or without a trailing slash", async () => {
    const client = await serviceOf({ a: { Actions: reset }, b: { Actions: reset } });
    for (const wanted of ["b", "/redfish/v1/Systems/b", "/redfish/v1/Systems/b/"])
      assert.equal((await findSystem(client, wanted)).id, "b", wanted);
    assert.match((await fails(findSystem(client, "c"), "bmc-unsupported")).message, /has no system c/);
  });
});
