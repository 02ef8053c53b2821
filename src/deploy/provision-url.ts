import { BlockList, isIPv6 } from "node:net";
import { StepError } from "./errors.ts";

/** Where BMCs are told to fetch, as the settings say it. */
export interface ProvisionSettings {
  /** `TRAYLOAD_PROVISION_URL`: base URLs, the first that fits is taken. */
  urls: readonly string[];
  /** `TRAYLOAD_PROVISION_URL_<SITE>`, by site in lower case. */
  bySite: ReadonlyMap<string, readonly string[]>;
  /** Port of the provisioning listener and whether it speaks https, for the address that is found by itself. */
  port: number;
  scheme: "http" | "https";
  /** `TRAYLOAD_DISC_SOURCES=bmc`: nobody but a node's BMC is served its disc. */
  isForBmcsAlone?: boolean;
}

export interface ProvisionChoice {
  /** Of the node; null when it has none. */
  nodeUrl: string | null;
  site: string | null;
  bmcAddress: string;
  /** Our address on the connection to the BMC. */
  localAddress: string | undefined;
  /** Schemes that the BMC fetches by; all where nothing is known of it. */
  schemes?: readonly string[] | undefined;
}

/**
 * The base URL, without a trailing slash, under which a BMC fetches its disc.
 *
 * @throws StepError `provision-url-loopback` for a loopback address towards a BMC that is elsewhere
 */
export function chooseProvisionUrl(settings: ProvisionSettings, choice: ProvisionChoice): string {
  const given =
    choice.nodeUrl === null
      ? ((choice.site === null ? undefined : settings.bySite.get(choice.site.toLowerCase())) ?? settings.urls)
      : [choice.nodeUrl];
  const url = fitting(given, choice) ?? ownAddress(settings, choice);
  const bmcHost = new URL(choice.bmcAddress).hostname;
  if (isLoopback(new URL(url).hostname) && !isLoopback(bmcHost))
    throw new StepError(
      `the BMC at ${bmcHost} would be told to fetch from ${url}, which is its own loopback`,
      {
        code: "provision-url-loopback",
        hint: "Set TRAYLOAD_PROVISION_URL, or provisionUrl of the node, to an address that the BMC reaches.",
      },
    );
  return url.replace(/\/+$/, "");
}

/** RFC 1122, 3.2.1.3 and RFC 4291, 2.5.3; IPv4 addresses that are written as IPv6 are judged as IPv4. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** @param host of a URL, an IPv6 address in brackets or without */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || LOOPBACK.check(bare, isIPv6(bare) ? "ipv6" : "ipv4");
}

/** Prefers a scheme that the BMC takes, and then its address family, where that can be told from its address. */
function fitting(
  urls: readonly string[],
  { bmcAddress, schemes }: Pick<ProvisionChoice, "bmcAddress" | "schemes">,
): string | undefined {
  const isV6 = (url: string) => isIPv6(new URL(url).hostname.replace(/^\[|\]$/g, ""));
  const isTaken = (url: string) => schemes?.includes(new URL(url).protocol.slice(0, -1)) ?? true;
  const taken = urls.some(isTaken) ? urls.filter(isTaken) : urls;
  return taken.find((url) => isV6(url) === isV6(bmcAddress)) ?? taken[0];
}

function ownAddress(settings: ProvisionSettings, { localAddress, bmcAddress }: ProvisionChoice): string {
  if (localAddress === undefined)
    throw new StepError(`no address of ours is known that ${bmcAddress} could fetch from`, {
      code: "provision-url-missing",
      hint: "Set TRAYLOAD_PROVISION_URL.",
    });
  const plain = localAddress.replace(/^::ffff:/, "");
  return `${settings.scheme}://${isIPv6(plain) ? `[${plain}]` : plain}:${settings.port}`;
}
