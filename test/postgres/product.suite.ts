import assert from "node:assert/strict";
import { type Product, startProduct } from "../product/fixture.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";
import { ask } from "./tables.ts";

describe("the whole product on PostgreSQL", () => {
  let server: PostgresServer;
  let product: Product;
  before(async function () {
    needPostgres(this);
    server = await startPostgres();
  });
  after(() => server?.remove());
  beforeEach(async () => {
    product = await startProduct({
      settings: { DATABASE_URL: server.url },
      timing: { requestLimitMs: 5_000 },
    });
  });
  afterEach(async () => {
    await product.stop();
    await ask(server.url, "drop schema public cascade; create schema public");
  });

  const deeds = () => product.bmc.actions.map(({ what }) => what);

  it("boots a machine from its disc, and streams what happened", async () => {
    await product.addNode();
    const ended = await product.deploy({ eject: "never" });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const { body } = await product.call("GET", "/v1/events?limit=1000", undefined, {
      accept: "application/json",
    });
    const told = body.items.map(({ type }: { type: string }) => type);
    assert.ok(told.includes("accepted") && told.includes("succeeded"), told.join(" "));
  });

  it("goes on where it was after the database was away, and does nothing twice", async function () {
    // What was announced may be under way until its limit, and the claim holds as long.
    this.timeout(90_000);
    await product.addNode();
    product.bmc.hold("POST ComputerSystem.Reset", "after-acting");
    const { body } = await product.submit({ finish: "powered-on", eject: "never" });
    await product.bmc.whenHeld();
    await server.kill();
    product.bmc.release();
    await new Promise((resume) => setTimeout(resume, 300));
    await server.start();
    const ended = await product.end(body.id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.deepEqual(deeds(), ["insert", "override", "reset"]);
  });
});
