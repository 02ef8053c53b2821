import assert from "node:assert/strict";
import { DEPLOYMENT, failRecord, finish, startApi, startDeployed, stopAll, TOKEN } from "../api/fixture.ts";
import { launch, run, type } from "./fixture.ts";
import { until } from "../until.ts";

const NOBODY = { url: "http://127.0.0.1:9" };

describe("the exit status", () => {
  afterEach(stopAll);

  it("is 0 when the deployment succeeded", async () => {
    const api = await startDeployed();
    finish(api.records, api.id);
    const { status, out } = await run(api, ["deployment", "watch", api.id]);
    assert.match(out, /succeeded/);
    assert.equal(status, 0);
  });

  it("is 1 when it failed, and says of what and what to do", async () => {
    const api = await startDeployed();
    failRecord(api.records, api.id);
    const { status, out } = await run(api, ["deployment", "watch", api.id]);
    assert.match(out, /failed.* in step publish-disc/);
    assert.match(out, /answered 404 \(image-not-found\)\n {2}hint: Check the URL\./);
    assert.match(out, new RegExp(`trayload deployment retry ${api.id}`));
    assert.equal(status, 1);
  });

  it("is 1 when the API refuses, with code, fields and hint", async () => {
    const api = await startApi();
    const { status, out, err } = await run(api, [
      "deploy",
      "--node",
      "nobody",
      "--iso",
      "https://a.example/b.iso",
    ]);
    assert.equal(out, "");
    assert.match(err, /error: .*nobody.* \(node-not-found\)/);
    assert.equal(status, 1);
  });

  it("is 2 for what cannot be meant, with the word that may have been", async () => {
    const { status, err } = await run(undefined, ["deploy", "--isso", "x"]);
    assert.match(err, /unknown option '--isso'[^]*--iso[^]*--help/);
    assert.equal(status, 2);
    assert.equal((await run(undefined, ["deploy", "--node", "a"])).status, 2);
    assert.equal((await run(undefined, ["depoy"])).status, 2);
    assert.equal((await run(undefined, [])).status, 2);
  });

  it("is 3 when it was cancelled", async () => {
    const api = await startDeployed();
    api.records.add(api.id, { type: "cancelled", clean: true });
    const { status, out } = await run(api, ["deployment", "watch", api.id]);
    assert.match(out, /cancelled/);
    assert.equal(status, 3);
  });

  it("is 4 when no server answers, which is named with what to do", async () => {
    const { status, err } = await run(NOBODY, ["node", "list"]);
    assert.match(
      err,
      /no answer from the server at http:\/\/127\.0\.0\.1:9 .*server-unreachable[^]*npm start/,
    );
    assert.equal(status, 4);
  });

  it("is 4 when what answers is not Trayload", async () => {
    const { createServer } = await import("node:http");
    const stranger = createServer((_, response) => response.writeHead(302, { location: "/login" }).end());
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const { port } = stranger.address() as { port: number };
    const { status, err } = await run({ url: `http://127.0.0.1:${port}` }, ["node", "list"]);
    stranger.close();
    assert.match(err, /redirecting to \/login/);
    assert.equal(status, 4);
  });

  it("is 5 when it was watched for so long in vain", async () => {
    const api = await startDeployed();
    const { status, err } = await run(api, ["deployment", "watch", api.id, "--watch-for", "60ms"]);
    assert.match(err, new RegExp(`goes on[^]*trayload deployment watch ${api.id}`));
    assert.equal(status, 5);
  });

  it("is 130 at Ctrl-C, which leaves the deployment alone and says so", async () => {
    const api = await startDeployed();
    const typing = type(api, ["deployment", "watch", api.id]);
    await typing.until("rack1-u07");
    typing.interrupt();
    assert.equal(await typing.ended, 130);
    assert.match(typing.err, new RegExp(`goes on[^]*trayload deployment cancel ${api.id}`));
    assert.deepEqual(api.records.inbox, []);
  });

  it("of cancel --wait is 0 when it is cancelled, and 1 when it was too late", async () => {
    const api = await startDeployed();
    const cancelling = type(api, ["deployment", "cancel", api.id, "--wait"]);
    await until(() => api.records.inbox.length !== 0);
    api.records.add(api.id, { type: "cancelled", clean: true });
    assert.equal(await cancelling.ended, 0);

    const { body } = await api.call("POST", "/v1/deployments", DEPLOYMENT);
    const late = type(api, ["deployment", "cancel", body.id as string, "--wait"]);
    await until(() => api.records.inbox.length !== 1);
    finish(api.records, body.id as string);
    assert.equal(await late.ended, 1);
  });
});

describe("the program", () => {
  afterEach(stopAll);
  it("hands its exit status and errors to whoever called it", async () => {
    const { said, ended } = launch(["node", "list", "--json"], {
      TRAYLOAD_URL: NOBODY.url,
      TRAYLOAD_TOKEN: TOKEN,
    });
    assert.equal(await ended, 4);
    assert.equal(said.out, "");
    assert.equal(JSON.parse(said.err).error.code, "server-unreachable");
  });

  it("stops watching at a signal and leaves the deployment alone", async () => {
    const api = await startDeployed();
    const env = { TRAYLOAD_URL: api.url, TRAYLOAD_TOKEN: TOKEN };
    const { child, said, until, ended } = launch(["deployment", "watch", api.id], env);
    await until("rack1-u07");
    child.kill("SIGINT");
    assert.equal(await ended, 130);
    assert.match(said.err, /Stopped watching; the deployment goes on/);
  });
});
