import { AgentError } from "./errors.ts";
import { isObject, type Loose } from "./json.ts";

/** An agent that runs as a container in the live system of Fedora CoreOS or RHEL CoreOS. */
export interface CoreOsAgent {
  /** Reference of its image: `quay.io/openshift/ironic-agent:latest`. */
  container: string;
  /** Credentials of its registry, as Docker keeps them (`{"auths": …}`); null for none. */
  pullSecret: string | null;
  apiUrl: string;
  token: string;
  /** `req-` and a UUID, which the agent names in each request. */
  requestId: string;
  /** Certificate (PEM) of an authority that vouches for the API; null where the system's do, or for http. */
  ca: string | null;
  /** Whether what is installed keeps the network that the live system was started with. */
  keepsNetwork: boolean;
  /** For a live system that is called `localhost`. */
  hostName: string;
  /** An Ignition config of the user's own for the live system, which is merged over ours; null for none. */
  ignition: Loose | null;
}

/** Read by every release of both systems that boots from a live ISO. */
const VERSION = "3.2.0";
const UNIT = "trayload-agent.service";
const FOLDER = "/etc/trayload-agent";
/** The folder of which the agent reads every file (ironic-python-agent, `--config-dir`). */
const CONFIG_IN_CONTAINER = "/etc/ironic-python-agent/ignition.conf";
const CA_IN_CONTAINER = "/etc/ironic-python-agent/trayload-ca.pem";

/**
 * The Ignition config with which the live system starts the agent.
 *
 * @throws AgentError `agent-coreos-invalid` for a reference, a pull secret or an Ignition config that is none
 */
export function agentIgnition(agent: CoreOsAgent): Loose {
  const wrong = findWrong(agent);
  if (wrong !== undefined)
    throw new AgentError(`the CoreOS agent's ${wrong}`, { code: "agent-coreos-invalid", retryable: false });
  const { pullSecret, ca, ignition } = agent;
  const files = [
    file(`${FOLDER}/agent.conf`, configOf(agent)),
    file(`${FOLDER}/environment`, environmentOf(agent)),
    ...(pullSecret === null ? [] : [file(`${FOLDER}/auth.json`, pullSecret)]),
    ...(ca === null ? [] : [file(`${FOLDER}/ca.pem`, ca)]),
  ];
  const merge =
    ignition === null ? {} : { config: { merge: [{ source: asDataUrl(JSON.stringify(ignition)) }] } };
  return {
    ignition: { version: VERSION, ...merge },
    storage: { files },
    systemd: { units: [{ name: UNIT, enabled: true, contents: unitOf(agent) }] },
  };
}

function findWrong({ container, pullSecret, ignition }: CoreOsAgent): string | undefined {
  // It stands on a command line of systemd's.
  if (!/^[a-zA-Z0-9][\w./:@-]{0,511}$/.test(container)) return "container is no reference of an image";
  if (pullSecret !== null && !isPullSecret(pullSecret)) return 'pullSecret is no JSON with "auths"';
  const version = isObject(ignition?.["ignition"]) ? ignition["ignition"]["version"] : undefined;
  if (ignition !== null && !(typeof version === "string" && version.startsWith("3.")))
    return "ignition is no Ignition config of version 3";
  return undefined;
}

function isPullSecret(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) && isObject(parsed["auths"]);
  } catch {
    return false;
  }
}

function configOf({ apiUrl, token, requestId, ca }: CoreOsAgent): string {
  const lines = [
    "[DEFAULT]",
    `api_url = ${apiUrl}`,
    `agent_token = ${token}`,
    `global_request_id = ${requestId}`,
    ...(ca === null ? [] : [`cafile = ${CA_IN_CONTAINER}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** What the hardware manager of openshift/ironic-agent-image reads. */
function environmentOf({ keepsNetwork, hostName }: CoreOsAgent): string {
  return `IPA_COREOS_COPY_NETWORK=${keepsNetwork}\nIPA_DEFAULT_HOSTNAME=${hostName}\n`;
}

/** The agent works on the machine's own devices, and installs with the live system's own tools. */
const MOUNTS = [
  ["/dev", "/dev"],
  ["/sys", "/sys"],
  ["/run/udev", "/run/udev"],
  ["/run/dbus/system_bus_socket", "/run/dbus/system_bus_socket"],
  ["/", "/mnt/coreos"],
  [`${FOLDER}/agent.conf`, CONFIG_IN_CONTAINER],
] as const;

function unitOf({ container, pullSecret, ca }: CoreOsAgent): string {
  const mounts = ca === null ? MOUNTS : [...MOUNTS, [`${FOLDER}/ca.pem`, CA_IN_CONTAINER] as const];
  const run = [
    "/usr/bin/podman run --rm --replace --name trayload-agent",
    "--privileged --network=host --ipc=host --uts=host",
    `--env-file=${FOLDER}/environment`,
    ...mounts.map(([from, to]) => `--mount=type=bind,src=${from},dst=${to}`),
    ...(pullSecret === null ? [] : [`--authfile=${FOLDER}/auth.json`]),
    container,
  ];
  return [
    "[Unit]",
    "Description=The agent that Trayload waits for",
    "Wants=network-online.target",
    "After=network-online.target",
    "StartLimitIntervalSec=0",
    "[Service]",
    // The image has to be fetched first.
    "TimeoutStartSec=0",
    "Restart=always",
    "RestartSec=5",
    `ExecStart=${run.join(" ")}`,
    "[Install]",
    "WantedBy=multi-user.target",
    "",
  ].join("\n");
}

function file(path: string, content: string): Loose {
  return { path, mode: 0o600, overwrite: true, contents: { source: asDataUrl(content) } };
}

function asDataUrl(content: string): string {
  return `data:;base64,${Buffer.from(content).toString("base64")}`;
}
