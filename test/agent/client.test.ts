import assert from "node:assert/strict";
import {
  type AgentClient,
  type AgentCommand,
  AgentError,
  type AgentErrorCode,
  type AgentExchange,
  createAgentClient,
  failureOf,
} from "../../src/agent/index.ts";
import type { SimulatedAgent } from "../bmc-simulator/agent/agent.ts";
import { makeCertificate } from "../bmc-simulator/certificate.ts";
import { type AgentLab, startAgentLab, UUID } from "./lab.ts";
import { until } from "../until.ts";

const NODE = { uuid: UUID, properties: {}, instance_info: {} };

function stepCommand(step: string, args: object = {}): AgentCommand {
  const params = {
    step: { interface: "deploy", step, args, priority: 0 },
    node: NODE,
    ports: [],
    deploy_version: null,
  };
  return { name: "deploy.execute_deploy_step", params };
}

describe("the client of an agent", () => {
  const shared = makeCertificate();
  let lab: AgentLab;
  let agent: SimulatedAgent;
  let client: AgentClient;
  let exchanges: AgentExchange[];

  beforeEach(async () => {
    lab = await startAgentLab();
    agent = lab.start({ certificate: shared, steps: { rest: {} } });
    await until(() => lab.store.boot().contact !== null);
    exchanges = [];
    client = clientOf();
  });
  afterEach(async () => {
    client.close();
    await lab.stop();
  });

  function clientOf(change: { token?: string; timeoutMs?: number; certificate?: string } = {}): AgentClient {
    const { contact, token } = lab.store.boot();
    const { certificate = contact!.certificate, ...rest } = change;
    const onExchange = (exchange: AgentExchange): void => void exchanges.push(exchange);
    return createAgentClient({ contact: { ...contact!, certificate }, token, onExchange, ...rest });
  }

  async function fails(code: AgentErrorCode, work: Promise<unknown>): Promise<AgentError> {
    const error = await work.then(
      () => assert.fail("it did not fail"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof AgentError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }

  const posts = (): number => agent.log.filter((line) => line.startsWith("POST /v1/commands/")).length;

  it("runs a step to its end", async () => {
    const begun = await client.send(await client.mark(), stepCommand("rest"));
    assert.equal(begun.state, "running");

    let result = begun;
    while (result.state === "running") result = await client.result(begun.id);

    assert.equal(result.state, "succeeded");
    assert.equal((result.result!["deploy_step"] as { step: string }).step, "rest");
    assert.equal(failureOf(result, "the step rest"), undefined);
  });

  it("does not send again what was begun, though its answer was lost", async () => {
    const mark = await client.mark();
    agent.cutNext("after");

    const begun = await client.send(mark, stepCommand("rest"));

    assert.equal(posts(), 1);
    assert.equal((await client.result(begun.id)).name, "execute_deploy_step");
  });

  it("does not send again what another process sent with the same mark", async () => {
    const mark = await client.mark();
    agent.holdSteps();
    const begun = await client.send(mark, stepCommand("rest"));

    const successor = clientOf();
    const found = await successor.send(mark, stepCommand("rest"));
    successor.close();

    assert.equal(found.id, begun.id);
    assert.equal(posts(), 1);
    agent.releaseSteps();
  });

  it("says that it does not know when the connection died before the agent acted, and sends at the next call", async () => {
    const mark = await client.mark();
    agent.cutNext("before");

    const error = await fails("agent-unreachable", client.send(mark, stepCommand("rest")));
    assert.equal(error.retryable, true);
    assert.equal(posts(), 1, "it may have been on its way still");

    assert.equal((await client.send(mark, stepCommand("rest"))).name, "execute_deploy_step");
    assert.equal(posts(), 2);
  });

  it("waits for its turn while another command runs", async () => {
    agent.holdSteps();
    await client.send(await client.mark(), stepCommand("rest"));

    const error = await fails("agent-busy", client.send(await client.mark(), stepCommand("rest")));

    assert.equal(error.retryable, true);
    assert.match(error.message, /Agent is busy: executing command execute_deploy_step/);
    agent.releaseSteps();
  });

  it("sends its token to no peer but the one of the heartbeat", async () => {
    const stranger = clientOf({ certificate: makeCertificate().cert });

    const error = await fails("agent-certificate-changed", stranger.mark());
    stranger.close();

    assert.equal(error.retryable, false);
    assert.deepEqual(
      agent.log.filter((line) => line.includes("/v1/status")),
      [],
    );
  });

  it("tells of exchanges, and of errors, without the token", async () => {
    const mark = await client.mark();
    await client.send(mark, stepCommand("rest"));
    const impostor = clientOf({ token: "wrong-token-of-at-least-32-characters" });
    const error = await fails("agent-token-refused", impostor.result("x"));
    impostor.close();

    assert.ok(
      agent.log.some((line) => line.includes(lab.store.boot().token)),
      "it went out in the query",
    );
    assert.deepEqual(
      exchanges.map(({ method, path, command, status }) => [method, path, command, status]),
      [
        ["GET", "/v1/status", null, 200],
        ["GET", "/v1/commands/", null, 200],
        ["GET", "/v1/status", null, 200],
        ["GET", "/v1/commands/", null, 200],
        ["POST", "/v1/commands/?wait=false", "deploy.execute_deploy_step", 200],
        ["GET", "/v1/commands/x", null, 401],
      ],
    );
    assert.ok(!`${error.message} ${String(error.cause)}`.includes("wrong-token"));
  });

  it("knows an agent that was restarted by its certificate", async () => {
    await agent.restart();
    await until(() => agent.state === "serving");

    // It listens on another port here, as it would not on a machine.
    const restarted = createAgentClient({
      contact: { callbackUrl: agent.callbackUrl!, certificate: lab.store.boot().contact!.certificate },
      token: lab.store.boot().token,
    });
    await fails("agent-certificate-changed", restarted.mark());
    restarted.close();
    await until(() => agent.beats.includes(400), "its heartbeats are refused");
  });

  it("knows an agent that has forgotten its commands", async () => {
    const mark = await client.mark();

    await fails("agent-restarted", client.result("17c9"));
    await fails("agent-restarted", client.send({ ...mark, startedAt: 1 }, stepCommand("rest")));
    assert.equal(posts(), 0);
  });

  it("begins nothing once the agent cannot list its commands, but follows by id what runs", async () => {
    const mark = await client.mark();
    const begun = await client.send(mark, stepCommand("rest"));
    await until(() => agent.beats.length > 1);
    await fails(
      "agent-rejected",
      client.send(await client.mark(), { name: "deploy.get_deploy_steps", params: {} }),
    );

    const error = await fails("agent-outcome-unknown", client.mark());
    assert.equal(error.retryable, false);
    await fails("agent-outcome-unknown", client.send(mark, stepCommand("rest")));
    assert.equal((await client.result(begun.id)).state, "succeeded");
  });

  it("says what the agent says to a command that it does not know", async () => {
    const ask = async (name: string): Promise<AgentError> =>
      fails("agent-rejected", client.send(await client.mark(), { name, params: {} }));

    assert.match((await ask("nosuch.thing")).message, /Extension with id nosuch not found/);
    assert.match((await ask("deploy.nosuch")).message, /Invalid command/);
  });

  it("gives up on an agent that has vanished, or does not answer in time", async () => {
    const mark = await client.mark();
    await agent.vanish();

    const error = await fails("agent-unreachable", client.send(mark, stepCommand("rest")));
    assert.equal(error.retryable, true);
  });

  it("gives up on one that takes too long", async () => {
    const hasty = clientOf({ timeoutMs: 1 });

    await fails("agent-timed-out", hasty.mark());
    hasty.close();
  });
});

describe("a failed command", () => {
  it("is told with the step, the agent's own words and what to do", () => {
    const error = {
      type: "ImageChecksumError",
      message: "Error verifying image checksum",
      details: "expected: ab",
    };
    const result = { id: "1", name: "execute_deploy_step", state: "failed", result: null, error } as const;

    const failure = failureOf(result, "the step write_image")!;

    assert.equal(failure.code, "agent-command-failed");
    assert.match(
      failure.message,
      /the step write_image: ImageChecksumError: Error verifying image checksum expected: ab/,
    );
    assert.match(failure.hint!, /check the image and its checksum/);
  });

  it("of an exchanged agent says to start over", () => {
    const result = { id: "1", name: "x", state: "version-changed", result: null, error: null } as const;

    assert.equal(failureOf(result, "the step x")?.code, "agent-version-changed");
  });
});
