import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { generateTypes, TYPES_FILE } from "../../tools/generate.ts";
import { CODES } from "../../src/api/problem.ts";
import { startApi, stopAll } from "./fixture.ts";
import { openStream } from "./sse-client.ts";

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

describe("the API's description of itself", () => {
  afterEach(stopAll);

  it("lists the routes that are mounted, and no others", async () => {
    const { api, call } = await startApi();
    const { stack } = api.handler.router as unknown as { stack: Layer[] };
    // What answers 405 stands for every method at once.
    const mounted = stack
      .flatMap(({ route }) => (route === undefined || Object.keys(route.methods).length > 1 ? [] : [route]))
      .map(({ path, methods }) => `${Object.keys(methods)[0]} ${path.replace(/:(\w+)/g, "{$1}")}`);
    const { body } = await call("GET", "/openapi.json");
    const described = Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    assert.match(body.openapi, /^3\.1/);
    assert.deepEqual(described.toSorted(), mounted.toSorted());
    assert.ok(described.length > 20);
  });

  it("names every error code", async () => {
    const { call } = await startApi();
    const { body } = await call("GET", "/openapi.json");
    assert.deepEqual(body.components.schemas.ErrorCode.enum, Object.keys(CODES));
  });

  it("refuses unknown fields in what it describes, and marks what is write-only", async () => {
    const { call } = await startApi();
    const { NodeInput } = (await call("GET", "/openapi.json")).body.components.schemas;
    assert.equal(NodeInput.additionalProperties, false);
    assert.equal(NodeInput.properties.bmc.properties.password.writeOnly, true);
    assert.deepEqual(NodeInput.required, ["name", "bmc"]);
  });

  it("is what the client's types are made of", () => {
    const told = readFileSync(TYPES_FILE, "utf8");
    assert.ok(told === generateTypes(), "src/client/schema.ts is stale: `npm run generate` makes it anew");
  });

  it("is a page as well, which needs neither scripts nor other hosts", async () => {
    const { call } = await startApi();
    const { body, headers } = await call("GET", "/docs");
    assert.match(headers.get("content-type")!, /^text\/html/);
    assert.match(body, /\/v1\/deployments\/\{id\}\/cancel/);
    assert.doesNotMatch(body, /<script|src=|href="http/);
  });
});

describe("the API's health", () => {
  afterEach(stopAll);

  it("is 503 while something is missing, naming it without details", async () => {
    const readyChecks = [
      { name: "database", isReady: async () => true },
      { name: "redis", isReady: async () => Promise.reject(new Error("canary")) },
    ];
    const { call } = await startApi({ readyChecks });
    const { status, body } = await call("GET", "/readyz");
    assert.equal(status, 503);
    assert.deepEqual(body, {
      ready: false,
      checks: [
        { name: "database", ready: true },
        { name: "redis", ready: false },
      ],
    });
  });

  it("counts requests for Prometheus, by pattern and never by id", async () => {
    const { call } = await startApi();
    await call("GET", "/v1/nodes/somebody");
    const { body } = await call("GET", "/metrics");
    assert.match(
      body,
      /trayload_api_requests_total\{method="GET",route="\/v1\/nodes\/\{id\}",status="404"\} 1/,
    );
    assert.doesNotMatch(body, /somebody/);
  });

  it("lets named origins read, and no others", async () => {
    const { call } = await startApi({ corsOrigins: ["https://board.example"] });
    const allowed = await call("GET", "/v1/nodes", undefined, { origin: "https://board.example" });
    assert.equal(allowed.headers.get("access-control-allow-origin"), "https://board.example");
    const other = await call("GET", "/v1/nodes", undefined, { origin: "https://evil.example" });
    assert.equal(other.headers.get("access-control-allow-origin"), null);
  });

  it("ends held answers and streams when it stops", async () => {
    const { api, url } = await startApi();
    const stream = await openStream(`${url}/v1/events`);
    await api.close();
    await stream.ended;
    assert.equal(stream.status, 200);
  });
});
