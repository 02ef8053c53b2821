import assert from "node:assert/strict";
import { completeRequest } from "../../src/deploy/defaults.ts";
import { type DeploymentInput, IntakeError } from "../../src/deploy/input.ts";

const SECRET = "s".repeat(32);
const complete = (input: Partial<DeploymentInput>) =>
  completeRequest("node_1", { node: "n", boot: { iso: { url: "http://images/a.iso" } }, ...input });

describe("defaults of a deployment", () => {
  for (const [said, finish, eject] of [
    [{}, "disc-read", "on-reboot"],
    [{ callbackSecret: SECRET }, "callback", "on-callback"],
    [{ bootPolicy: "persistent" }, "disc-read", "never"],
    [{ finish: "powered-off" }, "powered-off", "at-end"],
    [{ finish: "callback", callbackSecret: SECRET, eject: "at-end" }, "callback", "at-end"],
    [{ finish: "callback", kernelArgs: "quiet" }, "callback", "on-callback"],
    [{ finish: "callback", files: [{ path: "/a", contentBase64: "" }] }, "callback", "on-callback"],
  ] as const)
    it(`are ${finish} and ${eject} for ${JSON.stringify(said)}`, () => {
      const request = complete(said);
      assert.deepEqual([request.finish, request.eject], [finish, eject]);
    });

  for (const [said, code, field] of [
    [{ finish: "powered-on", eject: "at-end" }, "eject-too-early", "eject"],
    [{ finish: "disc-read", eject: "at-end" }, "eject-too-early", "eject"],
    [{ finish: "callback" }, "callback-unreachable", "callbackSecret"],
    [{ finish: "callback", kernelArgs: null }, "callback-unreachable", "callbackSecret"],
    [{ finish: "callback", kernelArgs: { append: " " } }, "callback-unreachable", "callbackSecret"],
    [{ eject: "on-callback" }, "callback-unreachable", "eject"],
    [{ finish: "agent" }, "finish-unsupported", "finish"],
  ] as const)
    it(`refuse ${JSON.stringify(said)} and name ${field}`, () =>
      assert.throws(
        () => complete(said),
        (error) => error instanceof IntakeError && error.code === code && error.fields[0]?.path === field,
      ));

  it("never keep the call-back secret in the request", () => {
    assert.ok(!JSON.stringify(complete({ callbackSecret: SECRET })).includes(SECRET));
  });
});
