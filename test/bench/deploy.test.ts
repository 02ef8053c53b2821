import assert from "node:assert/strict";
import { benchDeploy } from "../../bench/deploy.ts";

describe("the benchmark of deployments", () => {
  it("measures a few nodes and gives every figure by its name", async () => {
    const options = { nodes: 3, profile: "generic", plainHttp: false, isoMib: 1, nodeArgs: [], latencyMs: 5 };
    const result = await benchDeploy({ ...options, runs: 1, aftermathMs: 0 }, () => undefined);
    const { latencyMs, peakRssBytes, timeOverRequests } = result;
    const { byProfile, ...requests } = result.redfishRequestsPerDeployment;
    const figures = { ...latencyMs, ...requests, ...peakRssBytes };
    assert.deepEqual(byProfile, { generic: requests });
    assert.ok(timeOverRequests!.p50 >= 1);
    assert.ok(result.deploymentsPerMinute > 0);
    assert.ok(result.cpuSecondsPerDeployment > 0);
    assert.deepEqual(Object.keys(figures).toSorted(), [
      "cold",
      "lab",
      "load",
      "p50",
      "p95",
      "redis-server",
      "trayload",
      "warm",
    ]);
    for (const [name, value] of Object.entries(figures)) assert.ok(value > 0, `${name} is ${value}`);
  });

  it("measures deployments by the agent too, whose machines end at their disks", async () => {
    const options = { nodes: 2, profile: "generic", plainHttp: false, isoMib: 1, nodeArgs: [], latencyMs: 5 };
    const result = await benchDeploy({ ...options, agent: true, runs: 1, aftermathMs: 0 }, () => undefined);
    assert.ok(result.cpuSecondsPerDeployment > 0);
  });
});
