import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { makeKernel, makePe } from "../images/inspect/programs.ts";

/** What an agent's disc is made of, as far as anybody looks at it: nothing of it runs. */
export interface AgentParts {
  kernel: { url: string };
  ramdisk: { url: string };
  stop(): Promise<void>;
}

/** Serves a kernel and a ramdisk. @param login without which they are refused, as `user:password` */
export async function serveAgentImages(login?: string): Promise<AgentParts> {
  const wanted = login && `Basic ${Buffer.from(login).toString("base64")}`;
  const files: Record<string, Buffer> = {
    "/kernel": makeKernel("x86_64"),
    "/ramdisk": gzipSync(Buffer.alloc(64 * 1024, "agent")),
  };
  const server = createServer((request, response) => {
    if (wanted !== undefined && request.headers.authorization !== wanted)
      return void response.writeHead(401).end();
    const bytes = files[request.url!];
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    kernel: { url: `${origin}/kernel` },
    ramdisk: { url: `${origin}/ramdisk` },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A folder with boot loaders for x86_64 that go no farther than their headers. @returns its path */
export function makeBootloaders(folder: string): string {
  const path = join(folder, "bootloaders");
  mkdirSync(path, { recursive: true });
  for (const name of ["shimx64.efi", "grubx64.efi"])
    writeFileSync(join(path, name), makePe({ machine: 0x8664 }));
  return path;
}
