import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

/** A port that was free a moment ago. */
export async function findPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resume) => probe.listen(0, "127.0.0.1", resume));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resume) => probe.close(resume));
  return port;
}
