/** Proxies by the scheme of what is fetched, as HTTP_PROXY, HTTPS_PROXY and NO_PROXY name them. May hold passwords. */
export interface Proxies {
  http?: string;
  https?: string;
  /** Hosts that are reached directly: `host`, `.domain`, `host:port`, or `*`. */
  none?: readonly string[];
}

/** The proxy that a URL is fetched through; undefined for a direct connection. */
export function proxyFor(url: URL, proxies: Proxies): URL | undefined {
  const proxy = url.protocol === "https:" ? proxies.https : proxies.http;
  if (proxy === undefined || proxies.none?.some((entry) => fits(entry, url))) return undefined;
  return new URL(proxy);
}

function fits(entry: string, url: URL): boolean {
  const [, host = "", port] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
  if (host === "*") return true;
  if (port !== undefined && port !== (url.port || (url.protocol === "https:" ? "443" : "80"))) return false;
  const domain = host.replace(/^\*?\./, "");
  return domain !== "" && (url.hostname === domain || url.hostname.endsWith(`.${domain}`));
}
