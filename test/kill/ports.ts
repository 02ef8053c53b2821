import { createServer } from "node:net";

/** Below those that systems lend to outgoing connections, which would take it while its server is dead. */
const LOWEST = 20_000;
const HIGHEST = 30_000;

const given = new Set<number>();

/** A port that was free a moment ago, is lent to nobody and was not given to another here. */
export async function findPort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((tell) => {
    probe.once("error", () => tell(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => tell(true)));
  });
}
