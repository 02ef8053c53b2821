import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** Tells whose the address of a reader is. */
export interface Readers {
  /** Whether the reader may be the machine: anybody but ourselves, unless the BMC is one of our own addresses. */
  mayBeMachine(reader: string, bmcHost: string): Promise<boolean>;
  /** Whether the reader is the BMC itself. */
  isBmc(reader: string, bmcHost: string): Promise<boolean>;
}

/** How long the addresses of a name, and our own, are taken as known. */
const KNOWN_MS = 60_000;

export interface ReadersDependencies {
  clock: () => number;
  isOwnAddress?: ((address: string) => boolean) | undefined;
  resolve?: ((host: string) => Promise<string[]>) | undefined;
}

export function createReaders({ clock, isOwnAddress, resolve = lookUp }: ReadersDependencies): Readers {
  const isOwn = isOwnAddress ?? ownInterfaces(clock);
  const known = new Map<string, { addresses: Promise<string[]>; untilMs: number }>();

  function addressesOf(host: string): Promise<string[]> {
    const bare = host.replace(/^\[|\]$/g, "");
    if (isIP(bare) !== 0) return Promise.resolve([plainAddress(bare)]);
    const before = known.get(bare);
    if (before !== undefined && clock() < before.untilMs) return before.addresses;
    const addresses = resolve(bare).then((found) => found.map(plainAddress));
    known.set(bare, { addresses, untilMs: clock() + KNOWN_MS });
    // A name that could not be resolved is asked for again with the next read.
    addresses.catch(() => known.delete(bare));
    return addresses;
  }

  const isHere = async (bmcHost: string): Promise<boolean> => (await addressesOf(bmcHost)).some(isOwn);

  return {
    mayBeMachine: async (reader, bmcHost) => !isOwn(reader) || (await isHere(bmcHost)),
    async isBmc(reader, bmcHost) {
      if ((await addressesOf(bmcHost)).includes(reader)) return true;
      return isOwn(reader) && (await isHere(bmcHost));
    },
  };
}

/** An address without the prefix of IPv4 in IPv6 and without a zone. */
export function plainAddress(address: string): string {
  return address
    .toLowerCase()
    .replace(/^::ffff:(?=\d+\.)/, "")
    .replace(/%.*$/, "");
}

async function lookUp(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** By the interfaces of this host, read anew now and then: they come and go. */
function ownInterfaces(clock: () => number): (address: string) => boolean {
  let own: ReadonlySet<string> = new Set();
  let untilMs = Number.NEGATIVE_INFINITY;
  return (address) => {
    if (clock() >= untilMs) {
      const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
      own = new Set(all.map((one) => plainAddress(one.address)));
      untilMs = clock() + KNOWN_MS;
    }
    return own.has(address) || address === "::1" || address.startsWith("127.");
  };
}
