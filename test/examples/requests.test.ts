import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { describeApi } from "../../src/api/index.ts";
import { NODE, startApi, stopAll } from "../api/fixture.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");
const read = (file: string) => readFileSync(join(EXAMPLES, file), "utf8");

/** Programs that are not at hand here, so that the requests alone can be judged. */
describe("examples that no test runs", () => {
  afterEach(stopAll);

  it("say that they are untried", () => {
    for (const file of ["github-actions.yaml", "terraform/main.tf"])
      assert.match(read(file), /untried/, file);
  });

  it("deploy from GitHub Actions what the API takes", async () => {
    const { jobs } = parse(read("github-actions.yaml")) as { jobs: { metal: { env: { REQUEST: string } } } };
    const request = jobs.metal.env.REQUEST.replaceAll("${{ github.sha }}", "0123abcd");
    const { call } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const { status, body } = await call("POST", "/v1/deployments", JSON.parse(request));
    assert.equal(status, 202, JSON.stringify(body));
    assert.equal(body.request.timeoutMs, 3_600_000);
  });

  it("add and deploy from Terraform what the API takes", async () => {
    const { call } = await startApi();
    const variables = {
      name: "tf-1",
      bmc_address: "https://10.0.7.21",
      bmc_username: "root",
      bmc_password: "x",
      iso_url: "https://images.example/os.iso",
      kernel_args: "console=ttyS0",
    };
    const [node, deployment] = objectsOf(read("terraform/main.tf"), variables);
    const added = await call("POST", "/v1/nodes", node);
    assert.equal(added.status, 201, JSON.stringify(added.body));
    const posted = await call("POST", "/v1/deployments", { ...deployment, node: added.body.id });
    assert.equal(posted.status, 202, JSON.stringify(posted.body));
    const changed = await call("PATCH", `/v1/nodes/${added.body.id}`, node);
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
  });
});

describe("every example", () => {
  it("asks for paths that there are, in ways that they know", () => {
    const { paths = {} } = describeApi("");
    const known = (path: string) =>
      Object.entries(paths).find(([pattern]) =>
        new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
      )?.[1] as Record<string, { parameters?: { name: string }[] }> | undefined;
    let count = 0;
    for (const file of globSync("**/*.{sh,yaml,tf}", { cwd: EXAMPLES })) {
      for (const [, path, search = ""] of read(file).matchAll(/(\/v1\/[\w$/{}. ]*[\w}])(?:\?([\w=&$]+))?/g)) {
        const item = known(path!.replaceAll(/\{\{[^}]+\}\}|\$\{?\w+\}?/g, "x"));
        assert.ok(item, `${file}: ${path}`);
        for (const name of new URLSearchParams(search).keys())
          assert.ok(
            item["get"]?.parameters?.some((one) => one.name === name),
            `${file}: ${path}?${name}`,
          );
        count += 1;
      }
    }
    assert.ok(count > 8, `${count} were found`);
  });
});

/** What stands in `jsonencode({ … })`, with variables by their values and references by their texts. */
function objectsOf(text: string, variables: Record<string, string>): Record<string, unknown>[] {
  return [...text.matchAll(/jsonencode\((\{.*?\n {2}\})\)/gs)].map(([, object]) => {
    const json = object!
      .replaceAll(/(\w+)\s*=\s*/g, '"$1": ')
      .replaceAll(/\bvar\.(\w+)/g, (_, name: string) => JSON.stringify(variables[name]))
      .replaceAll(/\brestapi_object\.[\w.]+/g, '"reference"')
      .replaceAll(/(["}])\s*\n\s*"/g, '$1,\n"');
    return JSON.parse(json) as Record<string, unknown>;
  });
}
