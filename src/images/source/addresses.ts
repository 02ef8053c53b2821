import { BlockList, isIP } from "node:net";

/** This machine: whoever asks for its own ports asks as us. RFC 6890 for all of these. */
const LOOPBACK = ["0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128"];
/**
 * Where clouds keep credentials for whoever asks from inside (AWS, GCP, OpenStack, then Alibaba, Azure and Oracle, which
 * have theirs at ordinary addresses), and what is no single host.
 */
const ELSEWHERE = [
  "169.254.0.0/16",
  "fe80::/10",
  "fd00:ec2::254",
  "fd20:ce::254",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "ff00::/8",
];

export const loopback = listOf(LOOPBACK);
export const neverImages = listOf(ELSEWHERE);

/** Whether a text is an address, or one with the length of a prefix. */
export function isNetwork(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const width = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!;
  return (
    more.length === 0 && (bits === undefined ? width > 0 : /^\d{1,3}$/.test(bits) && Number(bits) <= width)
  );
}

export function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const isSix = isIP(address) === 6;
    list.addSubnet(address, Number(bits ?? (isSix ? 128 : 32)), isSix ? "ipv6" : "ipv4");
  }
  return list;
}

/** Whether a list holds an address, or the IPv4 address that a gateway would make of it. */
export function contains(list: BlockList, address: string): boolean {
  const [plain = ""] = address.split("%");
  if (isIP(plain) === 4) return list.check(plain, "ipv4");
  if (list.check(plain, "ipv6")) return true;
  const four = embedded(plain);
  return four !== undefined && list.check(four, "ipv4");
}

/**
 * The IPv4 address within an IPv6 one: mapped and compatible (RFC 4291, 2.5.5), translated (RFC 2765, 2.1), behind NAT64
 * (RFC 6052, RFC 8215), and 6to4 (RFC 3056). Each of them can reach an address that was refused as itself.
 */
function embedded(six: string): string | undefined {
  const groups = groupsOf(six);
  const [first = 0, second = 0, third = 0] = groups;
  const isZero = (from: number, to: number): boolean => groups.slice(from, to).every((group) => group === 0);
  if (first === 0x2002) return four(second, third);
  const isMapped = isZero(0, 5) && (groups[5] === 0xffff || groups[5] === 0);
  const isTranslated = isZero(0, 4) && groups[4] === 0xffff && groups[5] === 0;
  const isBehindGateway = first === 0x64 && second === 0xff9b && (isZero(2, 6) || third === 1);
  return isMapped || isTranslated || isBehindGateway ? four(groups[6]!, groups[7]!) : undefined;
}

const four = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");

/** The eight groups; the URL parser writes every spelling in one way (RFC 5952, mapped ones in hex). */
function groupsOf(six: string): number[] {
  const [head = "", tail] = new URL(`http://[${six}]`).hostname.slice(1, -1).split("::");
  const parse = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  const [front, back] = [parse(head), parse(tail ?? "")];
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
}
