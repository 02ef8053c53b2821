import assert from "node:assert/strict";
import { get } from "node:https";
import { createBmcAgents } from "../../src/redfish/tls.ts";
import { startApi, stopAll } from "../api/fixture.ts";
import { makeCertificate, startPeer } from "../redfish/https-peer.ts";
import { run, type } from "./fixture.ts";

const ADD = ["node", "add", "rack1-u07", "--bmc", "https://10.0.7.21", "--username", "root"];
const CANARY = "canary-password";

describe("node add", () => {
  afterEach(stopAll);

  it("takes the password from the standard input, the environment or a person, and shows it nowhere", async () => {
    for (const typed of [
      { words: ["--password-stdin"], input: `${CANARY}\n` },
      { words: [], env: { TRAYLOAD_BMC_PASSWORD: CANARY } },
      { words: [], secret: CANARY },
    ]) {
      const api = await startApi();
      const { status, out, err } = await run(api, [...ADD, ...typed.words], typed);
      assert.equal(status, 0, err);
      assert.deepEqual([...api.nodes.passwords.values()], [CANARY]);
      assert.ok(!`${out}${err}${api.logged.join("")}`.includes(CANARY));
    }
  });

  it("asks whose password it wants", async () => {
    const api = await startApi();
    const typing = type(api, ADD, { secret: CANARY });
    await typing.ended;
    assert.deepEqual(typing.asked, ["Password of root at https://10.0.7.21: "]);
  });

  it("needs a password, of one line", async () => {
    const api = await startApi();
    for (const [words, input] of [
      [ADD, ""],
      [[...ADD, "--password-stdin"], "\n"],
      [[...ADD, "--password-stdin"], "one\ntwo\n"],
    ] as const) {
      assert.equal((await run(api, [...words], { input })).status, 2);
    }
    assert.equal(api.nodes.passwords.size, 0);
  });

  it("has no option that puts a password onto the command line", async () => {
    const { status, err } = await run(undefined, [...ADD, "--password", "x"]);
    assert.equal(status, 2);
    assert.match(err, /unknown option '--password'/);
  });

  it("passes on all that is said of the machine", async () => {
    const api = await startApi();
    const words = [
      "--mac",
      "52:54:00:12:34:56",
      "--label",
      "role=worker",
      "--label",
      "wave=1",
      "--rack",
      "r1",
    ];
    const more = ["--boot-mode", "uefi", "--protected", "--tls", "insecure", "--system-id", "1", "--json"];
    const { json } = await run(api, [...ADD, ...words, ...more], { secret: CANARY });
    assert.deepEqual(json.macs, ["52:54:00:12:34:56"]);
    assert.deepEqual(json.labels, { role: "worker", wave: "1" });
    assert.deepEqual(
      [json.rack, json.bootMode, json.protected, json.bmc.systemId],
      ["r1", "uefi", true, "1"],
    );
    assert.deepEqual(json.bmc.tls, { mode: "insecure" });
  });

  it("tells each field that is wrong", async () => {
    const api = await startApi();
    const words = ["node", "add", "-x-", "--bmc", "nonsense", "--username", "root"];
    const { status, err } = await run(api, ["--", ...words].slice(1), { secret: CANARY });
    assert.equal(status, 2, "a name that looks like an option is one");
    assert.match(err, /unknown option '-x-'/);
    const wrong = await run(api, ["node", "add", "a b", "--bmc", "nonsense", "--username", "root"], {
      secret: CANARY,
    });
    assert.equal(wrong.status, 1);
    assert.match(wrong.err, /\(invalid-field\)\n {2}name must be[^]*bmc\.address must be an http/);
  });
});

describe("node set", () => {
  afterEach(stopAll);

  async function startWithNode() {
    const api = await startApi();
    await run(api, [...ADD, "--label", "role=worker", "--label", "old=yes"], { secret: CANARY });
    return api;
  }

  it("runs the command that the error of a self-signed BMC prints, and so pins it", async () => {
    const certificate = makeCertificate();
    const peer = await startPeer([{ status: 200 }], certificate);
    const agents = createBmcAgents({ mode: "verify" }, 5000, () => undefined);
    const error = await new Promise<Error & { hint: string }>((resolve) =>
      get(peer.address, { agent: agents.https }).on("error", resolve as never),
    );
    await peer.stop();
    const command = /run trayload (node set <node> [^,]+),/.exec(error.hint)![1]!;

    const api = await startWithNode();
    const { status } = await run(api, command.replace("<node>", "rack1-u07").split(" "));

    assert.equal(status, 0);
    const { bmc } = (await api.nodes.find("rack1-u07"))!;
    assert.deepEqual(bmc.tls, { mode: "pin", fingerprint: certificate.fingerprint });
  });

  it("changes labels one by one, and leaves what is not said", async () => {
    const api = await startWithNode();
    await run(api, ["node", "set", "rack1-u07", "--label", "wave=2", "--remove-label", "old"]);
    const node = (await api.nodes.find("rack1-u07"))!;
    assert.deepEqual(node.labels, { role: "worker", wave: "2" });
    assert.equal(node.bmc.username, "root");
  });

  it("does not undo what another changed between reading and changing the labels", async () => {
    const api = await startWithNode();
    const change = api.nodes.change.bind(api.nodes);
    api.nodes.change = async (id, version, changes) => {
      api.nodes.change = change;
      await change(id, null, { labels: { role: "controller" } });
      return change(id, version, changes);
    };
    const { status, err } = await run(api, ["node", "set", "rack1-u07", "--label", "wave=2"]);
    assert.equal(status, 1);
    assert.match(err, /node-version-stale/);
    assert.deepEqual((await api.nodes.find("rack1-u07"))!.labels, { role: "controller" });
  });

  it("takes a new password only where one is announced", async () => {
    const api = await startWithNode();
    const env = { TRAYLOAD_BMC_PASSWORD: "left over" };
    await run(api, ["node", "set", "rack1-u07", "--no-protected"], { env });
    assert.deepEqual([...api.nodes.passwords.values()], [CANARY]);
    await run(api, ["node", "set", "rack1-u07", "--password-stdin"], { env, input: "new\n" });
    assert.deepEqual([...api.nodes.passwords.values()], ["new"]);
  });

  it("refuses to change nothing, and what excludes itself", async () => {
    const api = await startWithNode();
    const pin = ["--tls-pin", `sha256:${"0".repeat(64)}`];
    for (const words of [
      [],
      ["--tls-pin", "sha256:0"],
      [...pin, "--tls", "verify"],
      [...pin, "--tls-ca", "x"],
    ]) {
      assert.equal((await run(api, ["node", "set", "rack1-u07", ...words])).status, 2, words.join(" "));
    }
  });
});

describe("nodes on the command line", () => {
  afterEach(stopAll);

  it("are listed, shown and removed", async () => {
    const api = await startApi();
    assert.match((await run(api, ["node", "list"])).out, /no machines yet/);
    await run(api, [...ADD, "--label", "role=worker"], { secret: CANARY });
    assert.match(
      (await run(api, ["node", "list"])).out,
      /^NAME .*\nrack1-u07 +deployable +- +https:\/\/10\.0\.7\.21 +verify$/m,
    );
    assert.equal((await run(api, ["node", "list", "--json", "--label", "role=x"])).json.items.length, 0);
    assert.match((await run(api, ["node", "show", "rack1-u07"])).out, /BMC +https:\/\/10\.0\.7\.21 as root/);
    assert.equal((await run(api, ["node", "remove", "rack1-u07"])).status, 0);
    assert.equal((await run(api, ["node", "show", "rack1-u07"])).status, 1);
  });

  it("are read page by page, up to the limit", async () => {
    const api = await startApi();
    for (const name of ["a", "b", "c"])
      await run(api, ["node", "add", name, ...ADD.slice(3)], { secret: CANARY });
    const { json } = await run(api, ["node", "list", "--json", "--limit", "2"]);
    assert.deepEqual([json.items.length, json.nextCursor === null], [2, false]);
  });

  it("move from one server to another by a file, with passwords given anew", async () => {
    const one = await startApi();
    await run(one, [...ADD, "--label", "role=worker"], { secret: CANARY });
    const { out } = await run(one, ["node", "export"]);
    assert.ok(!out.includes(CANARY));

    const other = await startApi();
    const env = { TRAYLOAD_BMC_PASSWORD: CANARY };
    const first = await run(other, ["node", "import", "-"], { input: out, env });
    assert.equal(first.status, 0, first.err);
    assert.deepEqual((await other.nodes.find("rack1-u07"))!.labels, { role: "worker" });
    const again = await run(other, ["node", "import", "-"], { input: out, env });
    assert.equal(again.status, 1);
    assert.match(again.out, /^1 +refused +rack1-u07: .*node-name-in-use\)\n0 added, 1 refused/m);
  });

  it("come from a table, and go into one, with an answer for each row", async () => {
    const api = await startApi();
    const csv = [
      "name,address,username,password,macs,labels,protected,rack",
      'rack1-u07,https://10.0.7.21,root,"a ""b"", c",52:54:00:12:34:56 52:54:00:12:34:57,role=worker wave=1,yes,"r1, left"',
      "rack1-u08,https://10.0.7.22,root,,,,,",
      "rack1-u07,https://10.0.7.23,root,p,,,,",
    ].join("\r\n");
    const trial = await run(api, ["node", "import", "--dry-run", "-"], { input: csv });
    assert.match(trial.out, /^1 +would be added +rack1-u07$/m);
    assert.match(trial.out, /^2 +would be refused +rack1-u08: .*bmc\.password.*\(invalid-field\)$/m);
    assert.match(trial.out, /^3 +would be refused +rack1-u07: row 1 has this name, too/m);
    assert.match(trial.out, /^1 would be added, 2 would be refused$/m);
    assert.equal(await api.nodes.find("rack1-u07"), undefined, "a trial added it");
    assert.equal((await run(api, ["node", "import", "-"], { input: csv })).status, 1);
    const node = (await api.nodes.find("rack1-u07"))!;
    assert.deepEqual(
      [node.macs.length, node.labels, node.protected, node.rack],
      [2, { role: "worker", wave: "1" }, true, "r1, left"],
    );
    assert.equal((await api.nodes.credentials("rack1-u07")).password, 'a "b", c');
    const { out } = await run(api, ["node", "export", "--format", "csv"]);
    const other = await startApi();
    const env = { TRAYLOAD_BMC_PASSWORD: CANARY };
    assert.equal((await run(other, ["node", "import", "-"], { input: out, env })).status, 0, out);
    assert.equal((await run(other, ["node", "export", "--format", "csv"])).out, out);
    const yaml = (await run(other, ["node", "export", "--format", "yaml"])).out;
    assert.match(yaml, /^items:\n {2}- name: rack1-u07$/m);
    for (const wrong of [
      "name,adress,username\na,b,c",
      "name,address\na,b",
      'name,address,username\na,"b,c',
      "name,address,username\na,b,c,d",
    ])
      assert.equal((await run(api, ["node", "import", "-"], { input: wrong })).status, 2, wrong);
  });

  it("are listed wide where that was asked for, and as JSON by either name", async () => {
    const api = await startApi();
    await run(api, [...ADD, "--label", "role=worker", "--rack", "r1"], { secret: CANARY });
    const { out } = await run(api, ["node", "list", "--output", "wide"]);
    assert.match(out, /^NAME .* RACK .* LABELS +ID/m);
    assert.match(out, /^rack1-u07 .* r1 .* role=worker +node_/m);
    const [one, other] = [["--json"], ["-o", "json"]].map((words) => run(api, ["node", "list", ...words]));
    assert.equal((await one!).out, (await other!).out);
    const refused = await run(api, ["node", "show", "nobody", "--output", "json"]);
    assert.equal(JSON.parse(refused.err).error.code, "node-not-found");
    assert.equal((await run(api, ["node", "list", "--output", "xml"])).status, 2);
  });

  it("come from YAML too, but not from anything else", async () => {
    const api = await startApi();
    const yaml = "- name: lab1\n  bmc: { address: http://127.0.0.1:1, username: u, password: p }\n";
    assert.equal((await run(api, ["node", "import", "-"], { input: yaml })).status, 0);
    for (const input of ["{", "just: this", `password: ${CANARY}: [`]) {
      const { status, err } = await run(api, ["node", "import", "-"], { input });
      assert.equal(status, 2);
      assert.ok(!err.includes(CANARY));
    }
  });
});

describe("operations on the command line", () => {
  afterEach(stopAll);

  /** Types a command, and ends the operation that it asked for. */
  async function operate(
    words: string[],
    end: Parameters<Awaited<ReturnType<typeof startApi>>["records"]["add"]>[1],
  ) {
    const api = await startApi();
    await run(api, ADD, { secret: CANARY });
    const typing = type(api, words);
    let found: string | undefined;
    while (found === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      [found] = (await api.records.list({ kind: "operation", limit: 1 })).map(({ id }) => id);
    }
    api.records.add(found, { type: "started" });
    api.records.add(found, end);
    return { status: await typing.ended, out: typing.out };
  }

  it("end with how they ended", async () => {
    const { status, out } = await operate(["node", "power", "rack1-u07", "force-off"], {
      type: "succeeded",
      clean: true,
      result: null,
    });
    assert.equal(out, "power force-off of rack1-u07: succeeded\n");
    assert.equal(status, 0);
  });

  it("tell a preflight's findings, with commands that can be run as they stand", async () => {
    const finding = {
      check: "tls",
      outcome: "fail",
      detail: "is self-signed",
      hint: "run trayload node set <node> x",
    };
    const result = [{ check: "reachable", outcome: "pass", detail: "in 3 ms" }, finding];
    const { status, out } = await operate(["node", "preflight", "rack1-u07"], {
      type: "succeeded",
      clean: true,
      result,
    });
    assert.match(
      out,
      /pass {2}reachable: in 3 ms\nfail {2}tls: is self-signed\n +run trayload node set rack1-u07 x\nrack1-u07 cannot be deployed as it is: a check failed\n/,
    );
    assert.equal(status, 1);
  });
});
