import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startReceiver } from "../webhooks/receiver.ts";
import { needProgram } from "../need-program.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const MONITORING = join(import.meta.dirname, "../../docs/monitoring");

describe("metrics", () => {
  let product: Product;
  before(async () => {
    product = await startProduct({
      settings: { METRICS_LISTEN: "127.0.0.1:0", WEBHOOK_ALLOW: "127.0.0.0/8" },
    });
    await product.addNode();
  });
  after(() => product.stop());

  const read = async (): Promise<string> => (await fetch(product.trayload.metricsUrl!)).text();
  /** Of the series whose labels are all there. */
  const valueOf = (text: string, name: string, labels: Record<string, string> = {}): number | undefined => {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const line = text
      .split("\n")
      .find((one) => new RegExp(`^${name}[{ ]`).test(one) && wanted.every((label) => one.includes(label)));
    return line === undefined ? undefined : Number(line.split(" ").at(-1));
  };

  it("tell what runs, in which step, while it runs", async () => {
    const { body } = await product.submit({ finish: "powered-off" });
    const step = { kind: "deployment", state: "running", step: "wait-for-finish" };
    await until(async () => valueOf(await read(), "trayload_open_records", step) === 1);
    await product.call("POST", `/v1/deployments/${body.id}/cancel`);
    await product.end(body.id);
    assert.equal(valueOf(await read(), "trayload_open_records", step), undefined);
  });

  it("tell how deployments ended, how long their steps took, and what BMCs and machines asked and answered", async () => {
    const [good, bad] = [
      await product.deploy(),
      await product.deploy({ finish: "powered-off", timeoutMs: 1_500 }),
    ];
    assert.deepEqual([good.state, bad.state], ["succeeded", "failed"]);
    const text = await read();
    const ended = (labels: Record<string, string>) => valueOf(text, "trayload_records_ended_total", labels);
    assert.equal(ended({ kind: "deployment", outcome: "succeeded" }), 1);
    assert.equal(ended({ kind: "deployment", outcome: "failed", code: bad.error.code }), 1);
    const step = { step: "insert-media", outcome: "done" };
    assert.ok(valueOf(text, "trayload_step_seconds_count", step)! >= 1);
    assert.ok(valueOf(text, "trayload_bmc_request_seconds_count", { method: "PATCH" })! >= 1);
    assert.ok(valueOf(text, "trayload_disc_bytes_total", { what: "disc" })! > 100_000);
    assert.ok(valueOf(text, "trayload_store_used_bytes")! > 1_000_000);
    assert.ok(valueOf(text, "trayload_hint_wait_seconds_count")! > 1);
    for (const name of ["trayload_workers_busy", "trayload_hints_waiting"])
      await until(async () => valueOf(await read(), name) === 0);
  });

  it("tell by which errors BMCs failed", async () => {
    product.bmc.failNext("GET", { status: 503 });
    await product.deploy();
    assert.equal(valueOf(await read(), "trayload_bmc_errors_total", { code: "bmc-busy", status: "503" }), 1);
  });

  it("tell whether webhooks take what they are sent, how soon, and what is left", async () => {
    const receiver = await startReceiver();
    try {
      await product.call("POST", "/v1/webhooks", { url: receiver.url });
      await product.deploy();
      const attempts = async (outcome: string) =>
        valueOf(await read(), "trayload_webhook_attempts_total", { outcome });
      await until(async () => (await attempts("delivered")) === 1);
      const text = await read();
      for (const name of ["attempt", "delay"])
        assert.equal(valueOf(text, `trayload_webhook_${name}_seconds_count`), 1, name);
      for (const state of ["pending", "dead"])
        assert.equal(valueOf(text, "trayload_webhook_deliveries", { state }), 0, state);
      receiver.answers.push({ status: 500 });
      await product.deploy();
      await until(async () => (await attempts("failed")) === 1);
      assert.equal(valueOf(await read(), "trayload_webhook_deliveries", { state: "pending" }), 1);
    } finally {
      await receiver.close();
    }
  });

  it("name no node, address or secret", async () => {
    const text = await read();
    assert.doesNotMatch(text, new RegExp(product.bmc.name));
    assert.doesNotMatch(text, /127\.0\.0\.1|dep_/);
  });

  it("are all there that the alert rules and the Grafana dashboard ask for", async () => {
    const known = new Set([...(await read()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));
    for (const file of ["alerts.yaml", "grafana.json"]) {
      const asked = readFileSync(join(MONITORING, file), "utf8").match(/trayload_[a-z_]+/g) ?? [];
      assert.ok(asked.length > 5, file);
      for (const name of asked)
        assert.ok(known.has(name.replace(/_(bucket|count|sum)$/, "")), `${file}: ${name}`);
    }
  });
});

describe("alert rules", () => {
  const promtool = (...words: string[]) => promisify(execFile)("promtool", words, { cwd: MONITORING });
  before(function () {
    needProgram(this, "promtool", "prometheus");
  });

  it("are sound, and fire when they should and only then", async () => {
    await promtool("check", "rules", "alerts.yaml");
    await promtool("test", "rules", "alerts.test.yaml");
  });
});
