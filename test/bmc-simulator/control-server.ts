import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readJson } from "./bmc-server.ts";
import type { SimulatedBmc } from "./control.ts";
import type { Fault, Hold } from "./faults.ts";
import { asModelMachine } from "./model-machine.ts";

/** The control face over HTTP, on loopback only: it shows passwords and asks for none. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

type Verb = (bmc: SimulatedBmc, given: Record<string, unknown>) => unknown;

/** POST /_control/bmcs/NAME/VERB, with the verb's arguments as JSON properties; NAME may be * for all. */
const VERBS: Readonly<Record<string, Verb>> = {
  failNext: (bmc, { match, ...fault }) => void bmc.failNext(text(match), fault as Fault),
  hold: (bmc, { match, when, skip }) =>
    bmc.hold(text(match), (when ?? "before-acting") as Hold["when"], Number(skip ?? 0)),
  release: (bmc) => bmc.release(),
  drop: (bmc) => bmc.drop(),
  whenHeld: (bmc) => bmc.whenHeld(),
  forgetLogs: (bmc) => bmc.forgetLogs(),
  expireSessions: (bmc) => bmc.expireSessions(),
  setPassword: (bmc, { password }) => bmc.setPassword(text(password)),
  holdPower: (bmc) => bmc.holdPower(),
  releasePower: (bmc) => bmc.releasePower(),
  releaseChange: (bmc) => bmc.releaseChange(),
  changeCertificate: (bmc) => bmc.changeCertificate(),
  dropConnections: (bmc) => bmc.dropConnections(),
  goSilent: (bmc) => bmc.goSilent(),
  comeBack: (bmc) => bmc.comeBack(),
  insertNothing: (bmc, { isOn }) => bmc.insertNothing(isOn !== false),
  neverPowersOn: (bmc, { isOn }) => bmc.neverPowersOn(isOn !== false),
  behave: (bmc, changes) => asModelMachine(bmc.machine).behave(changes),
  powerOffItself: (bmc) => asModelMachine(bmc.machine).powerOffItself(),
  rebootItself: (bmc) => asModelMachine(bmc.machine).rebootItself(),
};

/** @throws TypeError for a value that is neither a string nor left out */
function text(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  throw new TypeError(`${JSON.stringify(value)} is no string`);
}

/** @param fallback is asked first; answers what is not the control face's own (the copies) */
export async function startControlServer(
  bmcs: () => readonly SimulatedBmc[],
  fallback: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<ControlServer> {
  const server = createServer((request, response) => {
    if (fallback(request, response)) return;
    answer(bmcs(), request).then(
      (body) => send(response, 200, body),
      (error: unknown) => send(response, error instanceof RangeError ? 404 : 400, { error: String(error) }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/_control`,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(bmcs: readonly SimulatedBmc[], request: IncomingMessage): Promise<unknown> {
  const path = new URL(request.url ?? "/", "http://control").pathname;
  const [, name, word] = /^\/_control\/bmcs(?:\/([^/]+)(?:\/(\w+))?)?$/.exec(path) ?? [];
  if (!path.startsWith("/_control/bmcs")) throw new RangeError(`nothing is at ${path}; see /_control/bmcs`);
  if (name === undefined) return bmcs.map(identity);
  const meant = name === "*" ? bmcs : bmcs.filter((bmc) => bmc.name === decodeURIComponent(name));
  if (meant.length === 0) throw new RangeError(`no BMC is called ${name}`);
  const results = await Promise.all(meant.map((bmc) => answerFor(bmc, word, request)));
  return name === "*" ? results : results[0];
}

async function answerFor(bmc: SimulatedBmc, word: string | undefined, request: IncomingMessage) {
  if (request.method === "GET") {
    if (word === undefined) return state(bmc);
    if (word === "requests" || word === "actions") return bmc[word];
    if (word === "serial" && "serial" in bmc.machine) return bmc.machine.serial;
    throw new RangeError(
      "what can be read is the BMC itself, requests, actions, and a QEMU machine's serial",
    );
  }
  const verb = VERBS[word ?? ""];
  if (verb === undefined) throw new RangeError(`no verb ${word}; there are ${Object.keys(VERBS).join(", ")}`);
  const given = await readJson(request);
  if (given instanceof Error) throw given;
  return (await verb(bmc, (given ?? {}) as Record<string, unknown>)) ?? null;
}

function identity({ name, address, username, password, macs, profile }: SimulatedBmc) {
  return { name, address, username, password, macs, profile };
}

function state(bmc: SimulatedBmc) {
  const { power, override, slots, bootedFrom, lastError, held, waitingChanges } = bmc;
  const { openSessions, refusedLogIns, fingerprint } = bmc;
  const drives = slots.map(({ slot, ...drive }) => ({ id: slot.id, ...drive }));
  return {
    ...identity(bmc),
    power,
    override,
    slots: drives,
    bootedFrom,
    boots: bmc.machine.boots,
    bootState: bmc.machine.bootState ?? null,
    lastError,
    held,
    openSessions,
    refusedLogIns,
    waitingChanges,
    fingerprint,
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
