import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Address } from "../config.ts";
import type { Register } from "../metrics/index.ts";
import type { Lifetime } from "./lifetime.ts";
import { urlOf } from "./listeners.ts";

/**
 * Shows the metrics of a process that may have no API.
 *
 * @returns where they are, on this machine
 * @throws Error when the address cannot be listened on, which names the setting
 */
export async function startMetricsListener(
  { host, port }: Address,
  register: Register,
  lifetime: Lifetime,
): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url !== "/metrics") return response.writeHead(404).end();
    register.metrics().then(
      (text) => response.writeHead(200, { "content-type": register.contentType }).end(text),
      () => response.writeHead(503, { "retry-after": "5" }).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new Error(`TRAYLOAD_METRICS_LISTEN: cannot listen on port ${port}: ${cause.message}`, { cause }),
      ),
    );
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  lifetime.add("metrics listener", () => {
    server.closeAllConnections();
    server.close();
  });
  const { address, port: taken } = server.address() as AddressInfo;
  return `${urlOf(address, taken)}/metrics`;
}
