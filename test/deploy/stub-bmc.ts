import sinon from "sinon";
import type { Bmc, BmcDescription, PowerState, Slot, SystemState } from "../../src/redfish/index.ts";

/** A BMC of plain variables: what the deploy room sees of one, without Redfish. Every verb is a sinon stub. */
export interface StubBmc {
  bmc: { [Verb in keyof Bmc]: Bmc[Verb] & sinon.SinonStub };
  state: SystemState;
  slots: Slot[];
  /** What was asked of the machine, in order: `power on`, `insert /cd http://…`. */
  done: string[];
  description(): BmcDescription;
}

export function slot(path: string, changes: Partial<Slot> = {}): Slot {
  return {
    path,
    id: path.slice(1),
    under: "system",
    types: ["CD"],
    takesDisc: true,
    insertTarget: `${path}/insert`,
    ejectTarget: `${path}/eject`,
    isInserted: false,
    image: undefined,
    etag: undefined,
    ...changes,
  } as Slot;
}

export function createStubBmc(slots: Slot[] = [slot("/cd")]): StubBmc {
  const done: string[] = [];
  const state: SystemState = {
    power: "off",
    override: { enabled: "Disabled", target: "None", mode: undefined, etag: undefined },
    bootProgress: undefined,
  };
  const change = (path: string, changes: Partial<Slot>) => {
    const index = slots.findIndex((one) => one.path === path);
    slots[index] = { ...slots[index]!, ...changes };
  };
  const stub = <Verb extends keyof Bmc>(act: Bmc[Verb]) =>
    sinon.stub().callsFake(act as never) as unknown as Bmc[Verb] & sinon.SinonStub;
  const description = (): BmcDescription => ({
    redfishVersion: "1.6.0",
    serviceUuid: undefined,
    system: {
      path: "/system",
      id: "1",
      manufacturer: "Stub",
      model: "One",
      serialNumber: "S1",
      uuid: undefined,
      biosVersion: undefined,
    },
    managers: [],
    state: structuredClone(state),
    reset: { target: "/reset", types: ["On", "ForceOff"] },
    boot: { targets: undefined, modes: undefined, settingsPath: undefined },
    slots: structuredClone(slots),
    expands: false,
    lack: undefined,
    mediaSwitch: undefined,
    bootAttributesPath: undefined,
    quirks: [],
    rowsDigest: "",
    ways: {},
  });
  const bmc: StubBmc["bmc"] = {
    describe: stub<"describe">(async () => description()),
    recheck: stub<"recheck">(async () => description()),
    examine: stub<"examine">(async () => []),
    readState: stub<"readState">(async () => structuredClone(state)),
    readOverride: stub<"readOverride">(async () => structuredClone(state.override)),
    setPower: stub<"setPower">(async (_description, action) => {
      done.push(`power ${action}`);
      // The boot that follows consumes a one-shot override.
      if (action === "on")
        state.override = { enabled: "Disabled", target: "None", mode: undefined, etag: undefined };
      state.power = (action === "on" ? "on" : "off") satisfies PowerState;
    }),
    readSlot: stub<"readSlot">(async ({ path }) => structuredClone(slots.find((one) => one.path === path)!)),
    findSwitchedOn: stub<"findSwitchedOn">(async () => description()),
    switchMediaOn: stub<"switchMediaOn">(async () => void done.push("switch media on")),
    insertMedia: stub<"insertMedia">(async ({ path }, url) => {
      done.push(`insert ${path}`);
      change(path, { isInserted: true, image: url });
    }),
    ejectMedia: stub<"ejectMedia">(async ({ path }) => {
      done.push(`eject ${path}`);
      change(path, { isInserted: false, image: undefined });
    }),
    bootFromDisc: stub<"bootFromDisc">(async () => {
      done.push("override Cd");
      state.override = { enabled: "Once", target: "Cd", mode: undefined, etag: undefined };
    }),
    readSecureBoot: stub<"readSecureBoot">(async () => undefined),
    setSecureBoot: stub<"setSecureBoot">(async () => undefined),
    bootByMaker: stub<"bootByMaker">(async () => undefined),
    showsMakersBoot: stub<"showsMakersBoot">(async () => true),
    bootFromDisk: stub<"bootFromDisk">(async () => {
      done.push("override Disabled");
      state.override = { enabled: "Disabled", target: "None", mode: undefined, etag: undefined };
    }),
    resetBmc: stub<"resetBmc">(async () => void done.push("reset bmc")),
    readLastReset: stub<"readLastReset">(async () => undefined),
    readTask: stub<"readTask">(async () => "gone"),
    subscribe: stub<"subscribe">(async () => ({ path: null, why: "it has no event service" })),
    unsubscribe: stub<"unsubscribe">(async () => undefined),
    localAddress: stub<"localAddress">(() => "127.0.0.1"),
    release: stub<"release">(() => undefined),
  };
  return { bmc, state, slots, done, description };
}

type Verb = "insertMedia" | "ejectMedia" | "bootFromDisc" | "setPower";

/** Does something before a verb acts; false keeps it from acting, though it answers well. */
export function beforeActing<Name extends Verb>(
  bmc: StubBmc["bmc"],
  verb: Name,
  first: (...given: Parameters<Bmc[Name]>) => Promise<boolean | void>,
): void {
  const act = bmc[verb] as unknown as (...given: Parameters<Bmc[Name]>) => Promise<void>;
  const wrapped = async (...given: Parameters<Bmc[Name]>) => {
    if ((await first(...given)) !== false) await act(...given);
  };
  (bmc as unknown as Record<Verb, unknown>)[verb] = wrapped;
}
