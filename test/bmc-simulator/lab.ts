import { startBmc } from "./bmc.ts";
import type { Listen } from "./bmc-server.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";
import type { SimulatedBmc } from "./control.ts";
import { startControlServer } from "./control-server.ts";
import { createCopies } from "./copies.ts";
import type { MachineFactory } from "./machine.ts";
import { modelMachines } from "./model-machine.ts";
import type { Pace } from "./pace.ts";
import type { Profile } from "./profile.ts";
import { profileNamed, PROFILES } from "./profiles.ts";
import { openReplay, openTree, type ServedTree } from "./tree/index.ts";
import type { RunningBmc } from "./running-bmc.ts";

export interface LabOptions {
  /** BMCs; 1 unless told. */
  count?: number;
  /** A profile, its name, or "mix" for all of them in turn; "generic" unless told. */
  profile?: Profile | string;
  /** A folder of recorded resources (`redfish/v1/…/index.json`) that every BMC serves in place of a profile. */
  tree?: string;
  /** A dossier, or its redfish.json: every BMC answers as the one in it did, in place of a profile. */
  replay?: string;
  /** Model machines unless told. */
  machines?: MachineFactory;
  /** 127.0.0.1 and free ports unless told; with a port, BMCs listen from it on. */
  listen?: Listen;
  /** HTTPS with a self-signed certificate made at start. */
  tls?: boolean;
  /** Added to every Redfish answer. */
  latencyMs?: number;
  pace?: Pace;
  /** Epoch milliseconds, by which sessions expire; the system's clock unless told. */
  clock?: () => number;
  username?: string;
  /** One for all; random ones unless told. */
  password?: string;
  /** Requests and actions that each BMC remembers; 1000 unless told. */
  logLimit?: number;
}

export interface Lab {
  readonly bmcs: readonly SimulatedBmc[];
  /** Where the control face is spoken over HTTP. */
  readonly controlUrl: string;
  /** Of the certificate that all BMCs show, `sha256:…`; null without TLS. */
  readonly fingerprint: string | null;
  stop(): Promise<void>;
}

/** Starts so many BMCs at once; all sockets of a thousand in one burst are too many for some systems' backlog. */
const AT_ONCE = 100;

/** Starts BMCs in this process, each an origin of its own. @throws RangeError for a profile that does not exist */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const replay = options.replay === undefined ? null : openReplay(options.replay);
  const tree = options.tree === undefined ? replay : openTree(options.tree);
  const certificate = options.tls === true ? makeCertificate() : null;
  const bmcs: RunningBmc[] = [];
  const copies = createCopies(() => new URL(control.url).origin);
  const control = await startControlServer(
    () => bmcs,
    (request, response) => copies.answer(request, response),
  );

  async function stop(): Promise<void> {
    await Promise.all(bmcs.map((bmc) => bmc.close()));
    await control.close();
    copies.close();
  }

  try {
    const starts = Array.from({ length: options.count ?? 1 }, (_, index) => index);
    while (starts.length > 0) {
      const some = starts
        .splice(0, AT_ONCE)
        .map((index) => startBmc(bmcOptions(options, tree, index, certificate, copies)));
      const settled = await Promise.allSettled(some);
      for (const one of settled) if (one.status === "fulfilled") bmcs.push(one.value);
      if (replay !== null) for (const bmc of bmcs) bmc.repeat(replay.outcomes);
      for (const one of settled) if (one.status === "rejected") throw one.reason;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { bmcs, controlUrl: control.url, fingerprint: certificate?.fingerprint ?? null, stop };
}

function bmcOptions(
  options: LabOptions,
  tree: ServedTree | null,
  index: number,
  certificate: Certificate | null,
  copies: ReturnType<typeof createCopies>,
) {
  const { host, port } = options.listen ?? { host: "127.0.0.1", port: 0 };
  return {
    name: `bmc-${String(index + 1).padStart(4, "0")}`,
    profile: tree?.profile ?? profileOf(options.profile ?? "generic", index),
    tree,
    machines: options.machines ?? modelMachines(),
    copies,
    listen: { host, port: port === 0 ? 0 : port + index },
    certificate,
    macs: [macOf(index)],
    username: options.username ?? "admin",
    ...(options.password !== undefined && { password: options.password }),
    pace: options.pace ?? "instant",
    clock: options.clock ?? Date.now,
    latencyMs: options.latencyMs ?? 0,
    logLimit: options.logLimit ?? 1000,
  };
}

function profileOf(wanted: Profile | string, index: number): Profile {
  if (typeof wanted !== "string") return wanted;
  // Whoever looks at a mix looks at slots.
  const all = Object.values(PROFILES).filter(({ media }) => media.slots.length > 0);
  return wanted === "mix" ? all[index % all.length]! : profileNamed(wanted);
}

/** Locally administered, and none of the prefixes that agents pass over (52:54:00 as QEMU's). */
function macOf(index: number): string {
  const bytes = [index >> 16, index >> 8, index].map((part) => (part & 255).toString(16).padStart(2, "0"));
  return `52:54:00:${bytes.join(":")}`;
}
