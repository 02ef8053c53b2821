import assert from "node:assert/strict";
import { type AgentClient, AgentError, type CommandMark, type CommandResult } from "../../src/agent/index.ts";
import { command } from "../../src/deploy/agent/command.ts";
import type { Facts, IntendedAction } from "../../src/deploy/events.ts";
import { DEFAULT_TIMING, type Parts } from "../../src/deploy/index.ts";
import type { StepContext } from "../../src/deploy/step.ts";

const ASKED = { name: "deploy.execute_deploy_step", params: {} };
const RUNNING: CommandResult = {
  id: "c-1",
  name: "execute_deploy_step",
  state: "running",
  result: null,
  error: null,
};

/** What was done, in order, and with which mark. */
function setUp(answers: (CommandResult | Error)[]) {
  const done: string[] = [];
  let facts: Facts = {};
  let marks = 0;
  const client: AgentClient = {
    async mark() {
      marks += 1;
      done.push(`mark ${marks}`);
      return { startedAt: marks, ids: [] };
    },
    async send({ startedAt }: CommandMark, _asked, since) {
      done.push(`send after mark ${startedAt}, taken ${since}`);
      const answer = answers.shift()!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async result(id) {
      done.push(`ask for ${id}`);
      return RUNNING;
    },
    close: () => undefined,
  };
  const contact = { callbackUrl: "https://10.0.7.30:9999", certificate: null, version: "12" };
  const boots = { see: async () => ({ boot: { contact } }) };
  const parts = { agents: { boots, open: () => client }, timing: DEFAULT_TIMING } as unknown as Parts;
  const context = {
    view: { id: "dep_1" },
    get facts() {
      return facts;
    },
    learn: (more: Facts) => void (facts = { ...facts, ...more }),
    async intend(action: IntendedAction) {
      done.push(`intend ${action.target}, with ${JSON.stringify(facts["commands"])}`);
    },
    answered: (_action: IntendedAction, outcome: string) => void done.push(outcome),
  } as unknown as StepContext;
  return { done, run: () => command(parts, context, "step", ASKED) };
}

const lost = () => new AgentError("no answer", { code: "agent-unreachable", retryable: true });

describe("a command of the agent", () => {
  it("is announced with what stood there before, sent, and asked for by its id from then on", async () => {
    const { done, run } = setUp([RUNNING]);
    await run();
    await run();
    assert.deepEqual(done, [
      "mark 1",
      `intend ${ASKED.name}, with {"step":{"mark":{"startedAt":1,"ids":[]},"id":null}}`,
      "send after mark 1, taken just-now",
      "answered",
      "ask for c-1",
    ]);
  });

  it("whose answer was lost is looked for after the same mark, by whoever comes next", async () => {
    const { done, run } = setUp([lost(), RUNNING]);
    await assert.rejects(run(), /no answer/);
    await run();
    const sent = done.filter((one) => one.startsWith("send") || one.startsWith("mark"));
    assert.deepEqual(sent, [
      "mark 1",
      "send after mark 1, taken just-now",
      "send after mark 1, taken earlier",
    ]);
    assert.ok(done.includes("unknown"), "nobody knows whether it was received");
  });
});
