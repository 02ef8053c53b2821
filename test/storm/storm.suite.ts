import assert from "node:assert/strict";
import { asModelMachine, type Fault, type SimulatedBmc } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "../product/fixture.ts";

/** 60 unless told; 300 is what it was made for. */
const COUNT = Number(process.env["TRAYLOAD_STORM"] ?? 60);
const RATE = 0.05;
const SEED = Number(process.env["TRAYLOAD_STORM_SEED"] ?? 20_261_121);

const FAULTS: Fault[] = [
  { silent: true },
  { hangUp: true },
  { status: 503 },
  { status: 503, headers: { "retry-after": "1" } },
  { status: 200, body: "<html><title>Please wait</title></html>" },
  { status: 200, body: '{"Inserted": tr' },
];
/** What was asked has happened and its answer is lost, or the other way round. */
const WHEN_ACTING: Fault[] = [
  { hangUp: true, afterActing: true },
  { status: 500, afterActing: true },
  { status: 204, body: "" },
];

/** What a deployment may fail of in such weather: the BMC's fault, told as such, and never ours. */
const RIGHT =
  /^(bmc-|media-not-inserted|action-not-seen|boot-override-not-kept|power-not-reached|disc-not-re|slot-not-found|step-timed-out|deployment-timed-out)/;

interface Fate {
  profile: string;
  state: string;
  code: string | null;
  retries: number;
  struck: number;
  doubled: number;
}

describe(`a storm over ${COUNT} BMCs, ${RATE * 100} % of whose requests fail`, () => {
  let product: Product;
  const fates: Fate[] = [];
  before(async function () {
    this.timeout(280_000);
    const quick = { requestLimitMs: 2_000, insertLimitMs: 4_000, owedMs: 300, firstReadMs: 15_000 };
    product = await startProduct({
      profile: "mix",
      count: COUNT,
      logLimit: 5_000,
      timing: { ...quick, longestRetryMs: 2_000 },
    });
    for (const bmc of product.lab.bmcs) await product.addNode(bmc);
    const ends = weather();
    await Promise.all(product.lab.bmcs.map(deployTo));
    ends();
    await untilPaid();
  });
  after(() => product?.stop());

  /** @returns what ends it */
  function weather(): () => void {
    const random = randomOf(SEED);
    for (const bmc of product.lab.bmcs)
      bmc.storm({ rate: RATE, faults: FAULTS, whenActing: WHEN_ACTING, random });
    const gusts = setInterval(() => {
      const bmc = product.lab.bmcs[Math.floor(random() * COUNT)]!;
      if (random() < 0.5) bmc.expireSessions();
      else bmc.dropConnections();
    }, 3_000 / COUNT);
    return () => {
      clearInterval(gusts);
      for (const bmc of product.lab.bmcs) bmc.storm(null);
    };
  }

  async function deployTo(bmc: SimulatedBmc, index: number): Promise<void> {
    const callbackSecret = `storm-${String(index).padStart(34, "0")}`;
    const callBack = `${product.trayload.provisionUrl}/c/${callbackSecret}`;
    asModelMachine(bmc.machine).behave({ script: [{ callBack }], patienceMs: 5_000 });
    const request = { node: bmc.name, callbackSecret, timeoutMs: 90_000 };
    const ended = await product.deploy(request);
    const events = await product.events(ended.id);
    fates.push({
      profile: bmc.profile,
      state: ended.state,
      code: ended.error?.code ?? null,
      retries: events.filter(({ type }) => type === "step-retried").length,
      struck: bmc.struck,
      doubled: doubledOf(bmc),
    });
  }

  /** A Reset that comes again though it has been carried out was not looked for, or was repeated blindly. */
  function doubledOf(bmc: SimulatedBmc): number {
    const resets = bmc.requests
      .filter(({ method, path }) => method === "POST" && path.endsWith("ComputerSystem.Reset"))
      .map(({ body, acted }) => ({ type: (body as { ResetType?: string }).ResetType, acted }));
    return resets.filter(({ type }, index) => {
      const before = resets[index - 1];
      return before?.acted === true && before.type === type;
    }).length;
  }

  function lostLogIns(bmc: SimulatedBmc): number {
    const logIns = bmc.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/Sessions"));
    return logIns.filter(({ status }) => status !== 201).length;
  }

  async function owed(): Promise<string[]> {
    const nodes = await Promise.all(
      product.lab.bmcs.map(async ({ name }) => (await product.call("GET", `/v1/nodes/${name}`)).body),
    );
    return nodes.flatMap(({ name, media }) => (media === null ? [] : [`${name} ${JSON.stringify(media)}`]));
  }

  async function untilPaid(): Promise<void> {
    const end = Date.now() + 60_000;
    while ((await owed()).length > 0 && Date.now() < end) await new Promise((look) => setTimeout(look, 250));
  }

  it("ends each deployment in success, or in the error that fits", () => {
    show(fates);
    assert.equal(fates.length, COUNT);
    const wrong = fates.filter(({ state, code }) => state !== "succeeded" && !RIGHT.test(code ?? ""));
    assert.deepEqual(wrong, []);
  });

  it("ends most of them in success", () => {
    const failed = fates.filter(({ state }) => state !== "succeeded");
    assert.ok(failed.length <= COUNT / 10, JSON.stringify(failed));
  });

  it("switches no machine twice for one word", () => {
    assert.deepEqual(
      fates.filter(({ doubled }) => doubled > 0),
      [],
    );
  });

  it("leaves no debt and no disc in a slot when it is over", async () => {
    assert.deepEqual(await owed(), []);
    const left = product.lab.bmcs.flatMap(({ name, slots }) =>
      slots.flatMap(({ image }) => (image?.startsWith(product.trayload.provisionUrl!) ? [name] : [])),
    );
    assert.deepEqual(left, []);
  });

  it("costs no BMC more than one session, but for log-ins whose answer was lost", () => {
    // Nobody can name, and so end, a session whose answer never came: the BMC keeps it until it times out.
    const crowded = product.lab.bmcs.filter((bmc) => bmc.openSessions > 1 + lostLogIns(bmc));
    assert.deepEqual(
      crowded.map(({ name, openSessions }) => `${name} ${openSessions}`),
      [],
    );
  });
});

function show(fates: Fate[]): void {
  const rows = [...new Set(fates.map(({ profile }) => profile))].map((profile) => {
    const own = fates.filter((fate) => fate.profile === profile);
    const sum = (name: "retries" | "struck" | "doubled") => own.reduce((all, fate) => all + fate[name], 0);
    const codes = own.flatMap(({ code }) => code ?? []);
    const succeeded = own.length - codes.length;
    return {
      profile,
      deployments: own.length,
      succeeded,
      failed: codes.join(" "),
      struck: sum("struck"),
      retries: sum("retries"),
      doubled: sum("doubled"),
    };
  });
  console.table(rows);
}

/** mulberry32: small, and the same everywhere for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
