import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { type AgentClient, type CommandResult, createAgentClient, failureOf } from "../../src/agent/index.ts";
import type { SimulatedAgent } from "../bmc-simulator/agent/agent.ts";
import { makeCertificate } from "../bmc-simulator/certificate.ts";
import { makeDisk, makeQcow2 } from "../media/disks.ts";
import { type AgentLab, startAgentLab, UUID } from "./lab.ts";
import { until } from "../until.ts";
import { needProgram } from "../need-program.ts";

const DISK = makeDisk({ efi: true });

describe("an agent's steps", () => {
  const shared = makeCertificate();
  let lab: AgentLab;
  let agent: SimulatedAgent;
  let client: AgentClient;
  let images: Server;
  let served: Map<string, Buffer>;

  beforeEach(async () => {
    served = new Map([["/disk.raw", DISK]]);
    images = createServer((request, response) => {
      const bytes = served.get(request.url!);
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    await new Promise<void>((resolve) => images.listen(0, "127.0.0.1", resolve));
    lab = await startAgentLab();
    agent = lab.start({ certificate: shared });
    await until(() => lab.store.boot().contact !== null);
    const { contact, token } = lab.store.boot();
    client = createAgentClient({ contact: contact!, token });
  });
  afterEach(async () => {
    client.close();
    images.closeAllConnections();
    images.close();
    await lab.stop();
  });

  const urlOf = (path: string): string => `http://127.0.0.1:${(images.address() as AddressInfo).port}${path}`;

  async function run(name: string, params: object): Promise<CommandResult> {
    let result = await client.send(await client.mark(), { name, params });
    while (result.state === "running") result = await client.result(result.id);
    return result;
  }

  async function write(
    info: object,
    more: { configdrive?: string; hints?: object; version?: object } = {},
  ): Promise<CommandResult> {
    const sum = createHash("sha256").update(DISK).digest("hex");
    const image = {
      id: "image-1",
      urls: [urlOf("/disk.raw")],
      disk_format: "raw",
      stream_raw_images: true,
      os_hash_algo: "sha256",
      os_hash_value: sum,
      ...info,
    };
    const args = { image_info: image, configdrive: more.configdrive ?? null };
    const node = {
      uuid: UUID,
      properties: { root_device: more.hints ?? { serial: "S-1" } },
      instance_info: {},
    };
    const step = { interface: "deploy", step: "write_image", args, priority: 0 };
    return run("deploy.execute_deploy_step", { step, node, ports: [], deploy_version: more.version ?? null });
  }

  const diskOf = (): Promise<Buffer> => readFile(agent.disk.path);

  it("are listed with the versions that a step is sent with", async () => {
    const { result } = await run("deploy.get_deploy_steps", { node: {}, ports: [] });

    const steps = result?.["deploy_steps"] as Record<string, { step: string }[]>;
    assert.ok(steps["GenericHardwareManager"]!.some(({ step }) => step === "write_image"));
    const version = result?.["hardware_manager_version"] as object;
    assert.equal((await write({}, { version })).state, "succeeded");
    const other = await write({}, { version: { generic_hardware_manager: "0" } });
    assert.equal(failureOf(other, "the step write_image")?.code, "agent-version-changed");
  });

  it("write a raw image, and a config drive behind it", async () => {
    const configdrive = gzipSync(Buffer.from("config-2 here")).toString("base64");

    const result = await write({}, { configdrive });

    assert.equal(result.state, "succeeded");
    const written = await diskOf();
    assert.ok(written.subarray(0, DISK.length).equals(DISK));
    assert.ok(written.includes("config-2 here"));
  });

  it("write a qcow2 unpacked", async function () {
    needProgram(this, "qemu-img", "qemu-utils");
    const qcow2 = makeQcow2(DISK);
    served.set("/disk.qcow2", qcow2);
    const info = {
      urls: [urlOf("/disk.qcow2")],
      disk_format: "qcow2",
      os_hash_value: createHash("sha256").update(qcow2).digest("hex"),
    };

    const result = await write(info);

    assert.equal(result.state, "succeeded", result.error?.message);
    assert.ok((await diskOf()).subarray(0, DISK.length).equals(DISK));
  });

  it("fail as real agents do, and say what to do", async () => {
    const faults: [type: string, said: RegExp, run: () => Promise<CommandResult>][] = [
      ["ImageChecksumError", /checksum/, () => write({ os_hash_value: "0".repeat(64) })],
      ["ImageDownloadFatalError", /network reaches/, () => write({ urls: [urlOf("/absent")] })],
      ["InvalidCommandParamsError", /arguments/, () => write({ os_hash_value: "" })],
      ["InvalidCommandParamsError", /arguments/, () => write({ os_hash_value: "0".repeat(32) })],
      ["InvalidImage", /format/, () => write({ disk_format: "qcow2" })],
      ["DeviceNotFound", /hints/, () => write({}, { hints: { serial: "other" } })],
      ["CommandExecutionError", /log/, () => write({ urls: ["http://127.0.0.1:1/x"] })],
    ];
    for (const [type, said, make] of faults) {
      const failure = failureOf(await make(), "the step write_image");
      assert.equal(failure?.agentType, type, failure?.message);
      assert.match(failure?.hint ?? "", said);
      assert.match(failure?.message ?? "", /the step write_image/);
    }
  });

  it("may be unknown to this agent", async () => {
    const step = { interface: "deploy", step: "install_coreos", args: {} };
    const result = await run("deploy.execute_deploy_step", {
      step,
      node: {},
      ports: [],
      deploy_version: null,
    });

    assert.match(failureOf(result, "the step install_coreos")?.hint ?? "", /has its hardware manager/);
  });

  it("end with a heartbeat that is sooner than its turn", async () => {
    const before = lab.store.beats.length;

    await write({});

    await until(() => lab.store.beats.length > before);
  });

  it("leave a log, which holds the token as real ones do", async () => {
    const { result } = await run("log.collect_system_logs", {});

    const text = gunzipSync(Buffer.from(String(result?.["system_logs"]), "base64")).toString();
    assert.match(text, /agent_token=/);
  });

  it("switch the machine off, and the agent with it", async () => {
    const mark = await client.mark();

    await client.send(mark, { name: "standby.power_off", params: {} });

    await until(() => agent.state === "gone");
  });
});

describe("an agent that starts", () => {
  let lab: AgentLab;
  const shared = makeCertificate();
  afterEach(() => lab.stop());

  it("inspects, looks up by the name it was given, and reports with its token", async () => {
    lab = await startAgentLab();
    const agent = lab.start({ inspects: true, certificate: shared });

    await until(() => lab.store.beats.length > 0);

    assert.deepEqual(
      lab.happened.map(({ kind }) => kind).slice(0, 4),
      ["inspected", "nothing", "looked-up", "beat"],
      agent.log.join("\n"),
    );
    assert.equal(lab.store.inspections.length, 1);
    assert.match(agent.callbackUrl!, /^https:/);
  });

  it("gets its token by lookup where no disc has it", async () => {
    lab = await startAgentLab({ tokenBy: "lookup" });
    lab.startWithoutToken({ certificate: shared });

    await until(() => lab.store.beats.length > 0);
  });

  it("idles for ever where its disc should have had a token", async () => {
    lab = await startAgentLab({ tokenBy: "disc" });
    const agent = lab.startWithoutToken({ certificate: shared });

    await until(() => agent.state === "dead");
    assert.equal(lab.store.beats.length, 0);
  });

  it("gives up when nobody knows it", async () => {
    lab = await startAgentLab({ macs: ["52:54:00:00:00:99"] });
    const agent = lab.start({ timeScale: 0.00005 });

    await until(() => agent.state === "exited");
    assert.ok(lab.happened.some((one) => one.kind === "refused" && one.why === "other-machine"));
  });

  it("without TLS of its own is refused, and says so for ever", async () => {
    lab = await startAgentLab();
    const agent = lab.start({ tls: false, timeScale: 0.0001 });

    await until(() => agent.beats.length > 2);
    assert.ok(agent.beats.every((status) => status === 400));
  });

  it("and says too much hears that it did, though it reads only when all is sent", async () => {
    lab = await startAgentLab();
    const { hostname, port, pathname } = new URL(lab.apiUrl);
    const socket = connect(Number(port), hostname);

    const head = `POST ${pathname}/v1/heartbeat/${UUID} HTTP/1.1\r\nHost: x\r\nContent-Length: 800000\r\n\r\n`;
    socket.write(head);
    for (let sent = 0; sent < 20; sent += 1) {
      socket.write(Buffer.alloc(40_000, "y"));
      await delay(10);
    }

    const [first] = (await once(socket, "data")) as [Buffer];
    assert.match(first.toString(), /^HTTP\/1\.1 413/);
    socket.destroy();
  });
});
