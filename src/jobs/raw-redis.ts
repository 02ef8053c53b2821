import { connect } from "node:net";

/**
 * Sends one command over a unix socket and gives the first answer, without a client that reconnects.
 *
 * @returns undefined when nobody listens there, or nothing came in time
 */
export function askRedis(socketPath: string, command: string, limitMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let answer = "";
    socket.setEncoding("utf8");
    socket.setTimeout(limitMs, () => socket.destroy());
    socket.on("connect", () => socket.write(`${command}\r\n`));
    socket.on("data", (text: string) => {
      answer += text;
      if (answer.includes("\r\n")) socket.destroy();
    });
    // Nobody listening is an answer too: `close` follows.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer === "" ? undefined : answer.trim()));
  });
}

/** Waits until Redis answers there, and has loaded what it kept. @returns whether it did within the limit */
export async function waitForRedis(
  socketPath: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const endsAt = performance.now() + limitMs;
  while (performance.now() < endsAt && !signal.aborted) {
    if ((await askRedis(socketPath, "PING", 1000)) === "+PONG") return true;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return false;
}

/** Ends a Redis of ours that outlived its parent: whoever answers on a socket in our private folder. */
export async function endOrphan(socketPath: string): Promise<boolean> {
  if ((await askRedis(socketPath, "PING", 1000)) === undefined) return false;
  await askRedis(socketPath, "SHUTDOWN NOSAVE", 5000);
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await askRedis(socketPath, "PING", 1000)) === undefined) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}
