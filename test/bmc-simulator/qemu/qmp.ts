import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** QEMU refused a command, or is gone. `kind` is QEMU's word for it, such as `GenericError`. */
export class QmpError extends Error {
  override readonly name = "QmpError";
  readonly kind: string;
  constructor(command: string, kind: string, text: string) {
    super(`QEMU refused ${command}: ${text}`);
    this.kind = kind;
  }
}

/** The wire to one running QEMU (QEMU Machine Protocol: JSON objects, one a line). */
export interface Qmp {
  /**
   * Sends one command and gives back its `return` value.
   * @throws QmpError when QEMU answers with an error or ends before it answered.
   */
  execute: (command: string, args?: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

/** Waits for a QEMU to call in. */
export interface QmpListener {
  /** Resolves once QEMU has called and commands may be sent. */
  readonly connected: Promise<Qmp>;
  close(): void;
}

interface Message {
  QMP?: unknown;
  id?: number;
  return?: unknown;
  error?: { class: string; desc: string };
  event?: string;
  data?: Record<string, unknown>;
}

/**
 * Listens on a unix socket for the QEMU that is about to be started: as QEMU calls us, nobody has to guess when its
 * own socket would be there.
 * @param onEvent hears every event, such as `SHUTDOWN` with `{guest, reason}`.
 */
export async function listenForQmp(
  path: string,
  onEvent: (event: string, data: Readonly<Record<string, unknown>>) => void,
): Promise<QmpListener> {
  const server = createServer();
  const { promise: connected, resolve, reject } = Promise.withResolvers<Qmp>();
  // Who never waits for a QEMU that never calls must not be told by a crash.
  connected.catch(() => undefined);
  server.once("connection", (socket) => {
    server.close();
    serve(socket, onEvent, resolve, reject);
  });
  await listen(server, path);
  return {
    connected,
    close() {
      server.close();
      reject(new QmpError("to call in", "Closed", "it ended first"));
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(path, resolve);
  return promise;
}

function serve(
  socket: Socket,
  onEvent: (event: string, data: Readonly<Record<string, unknown>>) => void,
  resolve: (qmp: Qmp) => void,
  reject: (error: Error) => void,
): void {
  const waiting = new Map<number, { command: string; done: (message: Message) => void }>();
  let lastId = 0;
  const execute: Qmp["execute"] = (command, args = {}) =>
    new Promise((done, failed) => {
      const id = ++lastId;
      const answer = ({ error, return: value }: Message) =>
        error ? failed(new QmpError(command, error.class, error.desc)) : done(value);
      waiting.set(id, { command, done: answer });
      socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  const onMessage = (message: Message): void => {
    if (message.QMP) execute("qmp_capabilities").then(() => resolve({ execute }), reject);
    else if (message.event) onEvent(message.event, message.data ?? {});
    else waiting.get(message.id ?? 0)?.done(message);
    if (message.id !== undefined) waiting.delete(message.id);
  };
  const lines = createInterface({ input: socket });
  lines.on("line", (line) => onMessage(JSON.parse(line) as Message));
  // A broken wire is told by "close", which follows every error. The lines repeat the socket's errors as their own.
  for (const source of [socket, lines]) source.on("error", () => undefined);
  socket.on("close", () => {
    for (const { done } of waiting.values()) done({ error: { class: "Closed", desc: "it ended first" } });
    waiting.clear();
  });
}
