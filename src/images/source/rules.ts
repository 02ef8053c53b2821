import { lookup as resolve } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { sep } from "node:path";
import { ImageError } from "../errors.ts";

/** Which sources may be read. Judged for each redirect and each resolved address too, not only for what was asked. */
export interface SourceRules {
  /** @throws ImageError `image-not-allowed` */
  checkUrl(url: URL): void;
  /** Resolves a name to the addresses that may be reached; fails when there is none. */
  lookup: LookupFunction;
  /** @throws ImageError `image-not-allowed` for a path, links already followed, outside of the allowed folders */
  checkPath(realPath: string): void;
}

/** Where clouds keep credentials for whoever asks from inside; never an image server (169.254.0.0/16 is RFC 3927's). */
const LINK_LOCAL = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128"];

/**
 * @param allow hosts (`mirror.example`, `*.example`), CIDRs and absolute path prefixes. Naming a host or CIDR forbids all
 *   others; without one every host is allowed but the link-local ones, which only a CIDR can open. Files are allowed only
 *   below the paths that are named.
 */
export function createSourceRules(allow: readonly string[] = []): SourceRules {
  const paths = allow.filter((entry) => entry.startsWith("/"));
  const cidrs = allow.filter((entry) => isCidr(entry));
  const names = allow.filter((entry) => !paths.includes(entry) && !cidrs.includes(entry));
  const [opened, closed] = [listOf(cidrs), listOf(LINK_LOCAL)];
  const isLimited = names.length + cidrs.length > 0;

  const mayReach = (address: string, byName: boolean): boolean =>
    contains(opened, address) || ((byName || !isLimited) && !contains(closed, address));

  return {
    checkUrl(url) {
      if (url.username !== "" || url.password !== "")
        throw notAllowed("The URL holds user info", "Give user name and password as auth.");
      if (url.protocol !== "http:" && url.protocol !== "https:" && url.protocol !== "file:")
        throw notAllowed(`${url.protocol} is no source for images`, "Give an http, https or file URL.");
      if (url.protocol === "file:") return;
      const host = url.hostname.replaceAll(/^\[|\]$/g, "");
      const fits =
        isIP(host) === 0
          ? cidrs.length > 0 || !isLimited || isNamed(names, host)
          : mayReach(host, isNamed(names, host));
      if (!fits) throw hostNotAllowed(host);
    },
    lookup(host, options, done) {
      resolve(host, { ...options, all: true }, (error, found) => {
        if (error !== null) return done(error, "");
        const reachable = found.filter(({ address }) => mayReach(address, isNamed(names, host)));
        const [first] = reachable;
        if (first === undefined) return done(hostNotAllowed(host), "");
        return options.all === true ? done(null, reachable) : done(null, first.address, first.family);
      });
    },
    checkPath(realPath) {
      const isInside = paths.some((path) => {
        const folder = path.endsWith(sep) ? path : path + sep;
        return realPath === path || realPath.startsWith(folder);
      });
      if (!isInside)
        throw notAllowed(
          `${realPath} is not below an allowed path`,
          "Add its folder to TRAYLOAD_IMAGE_ALLOW.",
        );
    },
  };
}

function isCidr(entry: string): boolean {
  const [address = "", bits = ""] = entry.split("/");
  return isIP(address) !== 0 && (!entry.includes("/") || /^\d{1,3}$/.test(bits));
}

function listOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", bits] = cidr.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(address, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  }
  return list;
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function isNamed(names: readonly string[], host: string): boolean {
  const lower = host.toLowerCase();
  return names.some((name) => {
    const wanted = name.toLowerCase();
    return wanted.startsWith("*.") ? lower.endsWith(wanted.slice(1)) : lower === wanted;
  });
}

function hostNotAllowed(host: string): ImageError {
  return notAllowed(
    `Images may not be fetched from ${host}`,
    "Add the host or its network to TRAYLOAD_IMAGE_ALLOW.",
  );
}

function notAllowed(message: string, hint: string): ImageError {
  return new ImageError(message, { code: "image-not-allowed", retryable: false, hint });
}
