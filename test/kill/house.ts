import assert from "node:assert/strict";
import { type LoggedRequest, type SimulatedBmc, startLab, variantOf } from "../bmc-simulator/index.ts";
import { asModelMachine, modelMachines } from "../bmc-simulator/index.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { type Api, createApi } from "./api.ts";
import { LOST_AFTER_MS, PATIENCE_MS, REDIS_SILENCE_MS } from "./bounds.ts";

/** How long the slower half of the machines takes to change its power. */
export const POWER_LAG_MS = 300;

/** A machine of the lab, and how it stands before each deployment. */
export interface House {
  readonly bmcs: readonly Inhabitant[];
  /** Where the API is at this moment. */
  api: Api;
  /** Adds all machines as nodes. */
  moveIn(): Promise<void>;
  /** Brings every machine back to how it stands before a deployment, and forgets what was done to it. */
  tidy(): Promise<void>;
  /** Asks for a deployment of every node, waits for each one's end, through deaths, and judges it by the lab's own log. */
  deployAll(): Promise<Verdict>[];
  stop(): Promise<void>;
}

/** One BMC with its machine. The lagging ones stand on and hold another's disc; the instant ones are off and empty. */
export interface Inhabitant {
  bmc: SimulatedBmc;
  family: string;
  isLagging: boolean;
}

/** What became of one deployment. */
export interface Verdict {
  family: string;
  pace: "instant" | "lagging";
  state: string;
  /** What the lab says was done, and what the plan needs. */
  done: Record<Deed, number>;
  needed: Record<Deed, number>;
  /** Everything there is to know, where it is not as it should be; else null. */
  trouble: string | null;
}

export type Deed = "insert" | "override" | "power-on" | "power-off" | "eject";

export const FAMILIES = ["lazy", "eager", "copying"] as const;

export async function openHouse(provisionPort: number): Promise<House> {
  await using opened = new AsyncDisposableStack();
  const iso = await startFileServer(makeTinyIso({ sizeBytes: 2 * 2 ** 20 }));
  opened.defer(() => iso.stop());
  const bmcs: Inhabitant[] = [];
  for (const isLagging of [false, true])
    for (const family of FAMILIES) {
      const lab = await startLab({
        profile: variantOf(family, { powerLagMs: isLagging ? POWER_LAG_MS : 0, tasks: { retryAfter: "0" } }),
        machines: modelMachines({ patienceMs: PATIENCE_MS }),
      });
      opened.defer(() => lab.stop());
      bmcs.push({ bmc: lab.bmcs[0]!, family, isLagging });
    }
  const nameOf = ({ family, isLagging }: Inhabitant) => `${family}-${isLagging ? "lagging" : "instant"}`;
  const kept = opened.move();
  let rounds = 0;
  const house: House = {
    bmcs,
    api: createApi(),
    async moveIn() {
      for (const one of bmcs) {
        const { address, username, password } = one.bmc;
        const node = { name: nameOf(one), bmc: { address, username, password } };
        assert.equal((await house.api.call("POST", "/v1/nodes", node)).status, 201);
      }
    },
    tidy: () => Promise.all(bmcs.map((one) => tidy(one, iso))).then(() => undefined),
    deployAll() {
      const round = String((rounds += 1));
      return bmcs.map(async (one) => {
        const secret = secretOf(nameOf(one), round);
        const calls = createCalls(one.bmc, `http://127.0.0.1:${provisionPort}/c/${secret}`);
        const id = await submit(house.api, nameOf(one), round, iso.url);
        try {
          return await judge(house.api, one, id);
        } finally {
          await calls.end();
        }
      });
    },
    stop: () => kept.disposeAsync(),
  };
  return house;
}

/** Asks until it is accepted. Where a death had cut off the answer, it is looked for before it is asked for again. */
async function submit(api: Api, node: string, round: string, url: string): Promise<string> {
  const labels = { round, node };
  const request = { node, boot: { iso: { url } }, callbackSecret: secretOf(node, round), labels };
  for (;;) {
    const asked = await api.tryTo("POST", "/v1/deployments", request);
    if (asked !== undefined) {
      assert.equal(asked.status, 202, JSON.stringify(asked.body));
      return asked.body.id as string;
    }
    const listing = `/v1/deployments?label=round:${round}&label=node:${node}`;
    const { body } = await api.patiently(() => api.tryTo("GET", listing));
    if (body.items.length > 0) return body.items[0].id as string;
  }
}

const secretOf = (node: string, round: string) => `installer-of-${node}-in-round-${round}`.padEnd(43, "0");

async function tidy({ bmc, isLagging }: Inhabitant, iso: FileServer): Promise<void> {
  await bmc.machine.forceOff();
  if (isLagging) {
    await insertAnothers(bmc, iso.url);
    asModelMachine(bmc.machine).powerOn({ disc: null, from: "disk", mode: "uefi" });
  }
  bmc.forgetLogs();
}

async function insertAnothers(bmc: SimulatedBmc, url: string): Promise<void> {
  const { id, under } = bmc.slot().slot;
  const slot = `${under === "system" ? "Systems/1" : "Managers/BMC"}/VirtualMedia/${id}`;
  const { status } = await fetch(`${bmc.address}/redfish/v1/${slot}/Actions/VirtualMedia.InsertMedia`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Basic ${btoa(`${bmc.username}:${bmc.password}`)}`,
    },
    body: JSON.stringify({ Image: url }),
  });
  assert.ok(status < 300, `${slot} answered ${status} to another's insert`);
  // Some answer before it is done.
  while (bmc.slot().image !== url) await pause(5);
}

/** The installer: tells of its success as soon as the machine has read its disc, as often as it takes to be heard. */
function createCalls(bmc: SimulatedBmc, url: string): { end(): Promise<void> } {
  let isOver = false;
  const running = (async () => {
    while (!isOver) {
      await pause(20);
      if (bmc.machine.bootState !== "OSRunning" || bmc.bootedFrom?.from !== "disc") continue;
      const heard = await fetch(url, { method: "POST" }).catch(() => undefined);
      if (heard?.status === 204) return;
    }
  })();
  return {
    async end() {
      isOver = true;
      await running;
    },
  };
}

async function judge(api: Api, one: Inhabitant, id: string): Promise<Verdict> {
  // Without its Redis it stands still.
  const limit = performance.now() + LOST_AFTER_MS + REDIS_SILENCE_MS;
  let view: { state: string; final: boolean; clean: boolean | null } | undefined;
  while (view?.final !== true && performance.now() < limit) {
    view = (await api.tryTo("GET", `/v1/deployments/${id}?until=final&waitMs=2000`))?.body ?? view;
    if (view?.final !== true) await pause(30);
  }
  const done = countDeeds(one.bmc);
  const needed = needs(one);
  const isWell =
    view?.state === "succeeded" &&
    view.clean === true &&
    one.bmc.slot().image === null &&
    Object.entries(needed).every(([deed, times]) => done[deed as Deed] === times);
  return {
    family: one.family,
    pace: one.isLagging ? "lagging" : "instant",
    state: view?.final === true ? view.state : "lost",
    done,
    needed,
    trouble: isWell ? null : await tellAll(api, one, id),
  };
}

function needs({ isLagging }: Inhabitant): Record<Deed, number> {
  const warm = isLagging ? 1 : 0;
  return { insert: 1, override: 1, "power-on": 1, "power-off": warm, eject: 1 + warm };
}

function countDeeds({ actions }: SimulatedBmc): Record<Deed, number> {
  const count = (isMeant: (action: (typeof actions)[number]) => boolean) => actions.filter(isMeant).length;
  return {
    insert: count(({ what }) => what === "insert"),
    override: count((action) => action.what === "override" && /cd/i.test(action.target)),
    "power-on": count((action) => action.what === "reset" && action.type === "On"),
    "power-off": count((action) => action.what === "reset" && action.type === "ForceOff"),
    eject: count(({ what }) => what === "eject"),
  };
}

async function tellAll(api: Api, { bmc }: Inhabitant, id: string): Promise<string> {
  const events = await api.tryTo("GET", `/v1/deployments/${id}/events?limit=1000`);
  const view = await api.tryTo("GET", `/v1/deployments/${id}`);
  const line = ({ n, at, method, path, body, status, acted }: LoggedRequest) =>
    `${n} ${new Date(at).toISOString()} ${method} ${path} ${JSON.stringify(body) ?? ""} -> ${status}${acted ? " acted" : ""}`;
  return [
    `waits on ${JSON.stringify(view?.body.waitingOn)}, failed of ${JSON.stringify(view?.body.error)}`,
    ...(events?.body.items ?? []).map((event: unknown) => JSON.stringify(event)),
    ...bmc.requests.map(line),
    ...bmc.actions.map((action) => JSON.stringify(action)),
    `power ${bmc.power}, boots ${JSON.stringify(bmc.machine.boots)}, ${bmc.lastError ?? "no error"}`,
  ].join("\n");
}

export const pause = (ms: number) => new Promise<void>((resume) => setTimeout(resume, ms));
