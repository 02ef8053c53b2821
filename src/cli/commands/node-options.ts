import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Tls } from "../../client/index.ts";
import { usageError } from "../exit.ts";
import { collect, parseLabel } from "../words.ts";

/** What `node add` and `node set` can say of a node. */
export interface NodeOptions {
  bmc?: string;
  username?: string;
  systemId?: string;
  tls?: Tls["mode"];
  tlsPin?: string;
  tlsCa?: string;
  arch?: string;
  bootMode?: string;
  mac?: string[];
  site?: string;
  rack?: string;
  label?: Record<string, string>;
  removeLabel?: string[];
  protected?: boolean;
  maintenance?: boolean;
  provisionUrl?: string;
}

/** @throws InvalidArgumentError unless it is `sha256:` and 64 hex digits */
export function parsePin(text: string): string {
  if (/^sha256:[0-9a-f]{64}$/i.test(text)) return text;
  throw new InvalidArgumentError("Give sha256: and 64 hex digits.");
}

/** The options of both, without those that only one of them has. */
export function addNodeOptions(command: Command): Command {
  return command
    .optionsGroup("Certificate of the BMC (verified against the system's CAs unless told):")
    .addOption(
      new Option("--tls <mode>", "pin without a fingerprint pins the first one seen").choices([
        "verify",
        "pin",
        "insecure",
      ]),
    )
    .option("--tls-pin <sha256:…>", "take this certificate and no other", parsePin)
    .option("--tls-ca <file>", "verify against this CA (PEM)")
    .optionsGroup("The machine:")
    .option("--system-id <id>", "Redfish Id or @odata.id, where the BMC has several systems")
    .addOption(new Option("--arch <arch>", "processor").choices(["x86_64", "aarch64"]))
    .addOption(new Option("--boot-mode <mode>", "how it boots").choices(["uefi", "bios"]))
    .option("--mac <address>", "of a network card; repeat it for several", collect)
    .option("--site <name>", "where it stands")
    .option("--rack <name>", "where it stands")
    .option("--label <name=value>", "a label of your own; repeat it for several", parseLabel)
    .option("--provision-url <url>", "base URL that this BMC is given for discs")
    .option("--protected", "refuse deployments, power-off and eject")
    .option("--maintenance", "keep it out of campaigns and queues")
    .optionsGroup("Options:");
}

/** The fields that the options name, as the API has them; what was not said is absent. */
export function nodeFields(options: NodeOptions): Record<string, unknown> {
  const { bmc, username, systemId } = options;
  const reach = defined({ address: bmc, username, systemId, tls: tlsOf(options) });
  const { arch, bootMode, mac, site, rack, provisionUrl, maintenance, protected: isProtected } = options;
  const fields = { arch, bootMode, macs: mac, site, rack, provisionUrl, maintenance, protected: isProtected };
  return { ...(Object.keys(reach).length === 0 ? {} : { bmc: reach }), ...defined(fields) };
}

function tlsOf({ tls, tlsPin, tlsCa }: NodeOptions): Tls | undefined {
  if (tlsPin !== undefined && tls !== undefined && tls !== "pin")
    throw usageError(`--tls-pin and --tls ${tls} exclude each other`);
  if (tlsCa !== undefined && (tlsPin !== undefined || (tls !== undefined && tls !== "verify")))
    throw usageError("--tls-ca goes with --tls verify only");
  if (tlsPin !== undefined) return { mode: "pin", fingerprint: tlsPin };
  if (tlsCa !== undefined) return { mode: "verify", ca: readText(tlsCa) };
  return tls === undefined ? undefined : { mode: tls };
}

/** @throws CommandError `usage` when there is no such file */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw usageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Without what is undefined. */
export function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
