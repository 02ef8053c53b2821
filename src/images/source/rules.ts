import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { sep } from "node:path";
import { ImageError } from "../errors.ts";
import { contains, isNetwork, listOf, loopback, neverImages } from "./addresses.ts";

/** Which sources may be read. Judged for each redirect and each resolved address too, not only for what was asked. */
export interface SourceRules {
  /** @throws ImageError `image-not-allowed` */
  checkUrl(url: URL): void;
  /** Resolves a name to the addresses that may be reached; fails with `image-not-allowed` when there is none. */
  lookup: LookupFunction;
  /** @throws ImageError `image-not-allowed` for a path, links already followed, outside of the allowed folders */
  checkPath(realPath: string): void;
}

/** As `dns.lookup` with all answers. */
export type Resolver = typeof systemLookup;

/**
 * @param allow hosts (`mirror.example`, `*.example`), CIDRs and absolute path prefixes. Naming a host or CIDR forbids all
 *   others, unless `*` is named too. Loopback is reached only where `localhost` or a CIDR opens it, link-local addresses
 *   and those of clouds' metadata only where a CIDR does, whatever name leads there. Files are allowed only below the
 *   paths that are named.
 */
export function createSourceRules(
  allow: readonly string[] = [],
  resolve: Resolver = systemLookup,
): SourceRules {
  const paths = allow.filter((entry) => entry.startsWith("/"));
  const networks = allow.filter((entry) => isNetwork(entry));
  const names = allow.filter((entry) => !paths.includes(entry) && !networks.includes(entry));
  const opened = listOf(networks);
  const isLimited = names.length + networks.length > 0 && !names.includes("*");

  const isOpen = (address: string, host: string): boolean => {
    if (contains(neverImages, address)) return false;
    const isOwn = contains(loopback, address);
    return isOwn
      ? host.toLowerCase() === "localhost" && isNamed(names, host)
      : !isLimited || isNamed(names, host);
  };
  const mayReach = (address: string, host: string): boolean =>
    contains(opened, address) || isOpen(address, host);

  return {
    checkUrl(url) {
      if (url.username !== "" || url.password !== "")
        throw notAllowed("The URL holds user info", "Give user name and password as auth.");
      if (url.protocol === "file:") return;
      if (url.protocol !== "http:" && url.protocol !== "https:")
        throw notAllowed(`${url.protocol} is no source for images`, "Give an http, https, oci or file URL.");
      const host = url.hostname.replaceAll(/^\[|\]$/g, "");
      const mayBe = networks.length > 0 || !isLimited || isNamed(names, host);
      if (isIP(host) === 0 ? !mayBe : !mayReach(host, host)) throw hostNotAllowed(host);
    },
    lookup(host, options, done) {
      resolve(host, { ...options, all: true }, (error, found) => {
        if (error !== null) return done(error, "");
        const reachable = found.filter(({ address }) => mayReach(address, host));
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

function isNamed(names: readonly string[], host: string): boolean {
  const lower = host.toLowerCase().replace(/\.$/, "");
  return names.some((name) => {
    const wanted = name.toLowerCase();
    return wanted.startsWith("*.") ? lower.endsWith(wanted.slice(1)) : lower === wanted;
  });
}

function hostNotAllowed(host: string): ImageError {
  return notAllowed(
    `Images may not be fetched from ${host}`,
    "Add its network to TRAYLOAD_IMAGE_ALLOW (loopback and link-local ones are opened by nothing else), or its name.",
  );
}

function notAllowed(message: string, hint: string): ImageError {
  return new ImageError(message, { code: "image-not-allowed", retryable: false, hint });
}
