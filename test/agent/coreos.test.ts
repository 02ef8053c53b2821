import assert from "node:assert/strict";
import { agentIgnition, type CoreOsAgent } from "../../src/agent/index.ts";

const AGENT: CoreOsAgent = {
  container: "quay.io/openshift/ironic-agent@sha256:00ff",
  pullSecret: null,
  apiUrl: "http://10.0.0.5:8090/a/0123456789abcdefghijAB",
  token: "t".repeat(43),
  requestId: "req-00000000-0000-8000-8000-000000000000",
  ca: null,
  keepsNetwork: false,
  hostName: "rack1-u07",
  ignition: null,
};

interface Ignition {
  ignition: { version: string; config?: { merge: { source: string }[] } };
  storage: { files: { path: string; mode: number; contents: { source: string } }[] };
  systemd: { units: { name: string; enabled: boolean; contents: string }[] };
}

const made = (changes: Partial<CoreOsAgent> = {}) =>
  agentIgnition({ ...AGENT, ...changes }) as unknown as Ignition;
const contentOf = (source: string): string =>
  Buffer.from(source.replace("data:;base64,", ""), "base64").toString();
const fileOf = ({ storage }: Ignition, name: string): string | undefined => {
  const found = storage.files.find(({ path }) => path.endsWith(`/${name}`));
  return found && contentOf(found.contents.source);
};

describe("the Ignition config that starts the agent in CoreOS", () => {
  it("starts the container with what the agent and its hardware manager need of the machine", () => {
    const config = made();
    const [unit] = config.systemd.units;

    assert.equal(unit?.enabled, true);
    const [run] = unit.contents.match(/^ExecStart=.*$/m)!;
    assert.match(run, /podman run .*--privileged --network=host --ipc=host --uts=host/);
    for (const mount of [
      "src=/dev,dst=/dev",
      "src=/sys,dst=/sys",
      "src=/run/udev,dst=/run/udev",
      "src=/run/dbus/system_bus_socket,dst=/run/dbus/system_bus_socket",
      "src=/,dst=/mnt/coreos",
      "src=/etc/trayload-agent/agent.conf,dst=/etc/ironic-python-agent/ignition.conf",
    ])
      assert.ok(run.includes(`--mount=type=bind,${mount}`), mount);
    assert.ok(run.endsWith(AGENT.container));
    assert.match(unit.contents, /^After=network-online.target$/m);
    assert.match(unit.contents, /^Restart=always$/m);
  });

  it("tells the agent where its API is and with which token, in a file that only root reads", () => {
    const config = made();

    assert.equal(
      fileOf(config, "agent.conf"),
      `[DEFAULT]\napi_url = ${AGENT.apiUrl}\nagent_token = ${AGENT.token}\nglobal_request_id = ${AGENT.requestId}\n`,
    );
    assert.ok(config.storage.files.every(({ mode }) => mode === 0o600));
    assert.ok(!config.systemd.units[0]!.contents.includes(AGENT.token));
  });

  it("brings the pull secret and the authority where there are some, and only then", () => {
    const pullSecret = '{"auths":{"quay.io":{"auth":"eDp5"}}}';
    const config = made({ pullSecret, ca: "-----BEGIN CERTIFICATE-----\n" });
    const { contents } = config.systemd.units[0]!;

    assert.equal(fileOf(config, "auth.json"), pullSecret);
    assert.match(contents, /--authfile=\/etc\/trayload-agent\/auth\.json/);
    assert.match(
      contents,
      /src=\/etc\/trayload-agent\/ca\.pem,dst=\/etc\/ironic-python-agent\/trayload-ca\.pem/,
    );
    assert.match(fileOf(config, "agent.conf")!, /^cafile = \/etc\/ironic-python-agent\/trayload-ca\.pem$/m);
    assert.equal(made().storage.files.length, 2);
    assert.doesNotMatch(made().systemd.units[0]!.contents, /authfile|ca\.pem/);
  });

  it("has what is installed keep the network where it was asked for", () => {
    assert.match(fileOf(made({ keepsNetwork: true }), "environment")!, /^IPA_COREOS_COPY_NETWORK=true$/m);
    assert.match(fileOf(made(), "environment")!, /^IPA_COREOS_COPY_NETWORK=false$/m);
    assert.match(fileOf(made(), "environment")!, /^IPA_DEFAULT_HOSTNAME=rack1-u07$/m);
  });

  it("merges the user's own config over it", () => {
    const ignition = { ignition: { version: "3.4.0" }, passwd: { users: [{ name: "core" }] } };
    const { merge } = made({ ignition }).ignition.config!;

    assert.deepEqual(JSON.parse(contentOf(merge[0]!.source)), ignition);
    assert.equal(made().ignition.config, undefined);
  });

  for (const [what, changes] of [
    ["container", { container: "quay.io/x --privileged" }],
    ["container", { container: "-v /:/host" }],
    ["container", { container: "image%n" }],
    ["pullSecret", { pullSecret: "user:password" }],
    ["pullSecret", { pullSecret: '{"auth":"x"}' }],
    ["ignition", { ignition: { ignition: { version: "2.2.0" } } }],
    ["ignition", { ignition: {} }],
  ] as const)
    it(`refuses ${JSON.stringify(changes)}`, () => {
      assert.throws(
        () => made(changes),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "agent-coreos-invalid");
          assert.match(error.message, new RegExp(`CoreOS agent's ${what} `));
          return true;
        },
      );
    });
});
