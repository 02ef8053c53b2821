import assert from "node:assert/strict";
import type { AgentBoot, AgentBoots, AgentContact } from "../../src/agent/index.ts";
import type { Database } from "../../src/database/index.ts";
import type { Hint } from "../../src/deploy/index.ts";
import { newRecord } from "./fixture.ts";

const TOKEN = "token-that-nobody-may-read-0123456789abcdef";
const CONTACT: AgentContact = { callbackUrl: "https://10.0.7.30:9999", certificate: "pem", version: "12" };
const BEAT = { contact: CONTACT, from: "10.0.7.30" };
const INSPECTION = { inventory: { interfaces: [] }, data: {}, logs: null, error: null };

/** What every database must do with the boots of agents. `open` gives an empty one. */
export function agentBootsContract(open: () => Promise<Database>): void {
  let database: Database;
  let boots: AgentBoots;
  let hints: Hint[];
  let owner: string;

  beforeEach(async () => {
    database = await open();
    hints = [];
    boots = database.agentBoots({ sealing: BOUND, hints: { add: async (more) => void hints.push(...more) } });
    const record = newRecord();
    owner = record.view.id;
    await database.records.accept(record);
    await park(owner);
    await begin("boot-1");
  });
  afterEach(() => database.close());

  /** The record waits, so that only a wake can bring it back. */
  async function park(id: string, hint = 1): Promise<void> {
    const claim = (await database.records.claim({ id, hint }, 30_000))!;
    const { id: of, epoch, inboxSeq, view } = claim;
    await database.records.commit(
      { id: of, epoch, inboxSeq },
      { events: [], view, next: { kind: "park", dueInMs: 3_600_000 } },
    );
  }

  const begin = (id: string, change: Partial<AgentBoot> = {}) =>
    boots.begin({ ...bootOf(id), owner, ...change });

  it("come back as they were prepared", async () => {
    assert.deepEqual(await boots.get("boot-1"), bootOf("boot-1"));
    assert.deepEqual(await boots.see("boot-1"), { boot: bootOf("boot-1"), beatAtMs: null, inspection: null });
    assert.equal(await boots.get("other"), undefined);
  });

  it("fix the first contact, keep no other, and tell the time of the last heartbeat", async () => {
    assert.deepEqual(await boots.keepHeartbeat("boot-1", BEAT), CONTACT);
    const other = { ...CONTACT, certificate: "another" };
    assert.deepEqual(await boots.keepHeartbeat("boot-1", { ...BEAT, contact: other }), CONTACT);
    const seen = (await boots.see("boot-1"))!;
    assert.deepEqual(seen.boot.contact, CONTACT);
    assert.ok(Math.abs(seen.beatAtMs! - (await database.now())) < 5_000);
  });

  it("wake their owner in the same breath, and leave the news in its inbox", async () => {
    await boots.keepHeartbeat("boot-1", BEAT);
    assert.deepEqual(
      hints.map(({ id }) => id),
      [owner],
    );
    const claim = (await database.records.claim(hints[0]!, 30_000))!;
    assert.deepEqual(claim.inbox, [{ kind: "heartbeat" }]);

    // One that comes while somebody is at work makes a park go round.
    await boots.keepInspection("boot-1", INSPECTION);
    const { id, epoch, inboxSeq, view } = claim;
    const parked = await database.records.commit(
      { id, epoch, inboxSeq },
      { events: [], view, next: { kind: "park", dueInMs: 3_600_000 } },
    );
    assert.ok(parked.kept && !parked.parked);
    assert.deepEqual((await boots.see("boot-1"))!.inspection, INSPECTION);
  });

  it("are not woken for by who is refused", async () => {
    await boots.keepHeartbeat("boot-1", BEAT);
    const [woken] = hints.splice(0);
    await park(owner, woken!.hint);
    await boots.keepHeartbeat("boot-1", {
      ...BEAT,
      contact: { ...CONTACT, callbackUrl: "https://10.0.7.31:9999" },
    });
    assert.deepEqual(hints, []);
  });

  it("give their token to one caller, until an agent has it", async () => {
    assert.equal(await boots.claimToken("boot-1", "10.0.7.30"), "10.0.7.30");
    assert.equal(await boots.claimToken("boot-1", "10.0.7.66"), "10.0.7.30");
    await boots.keepHeartbeat("boot-1", BEAT);
    assert.equal(await boots.claimToken("boot-1", "10.0.7.30"), null);
  });

  it("give it to one of many callers at once", async () => {
    const callers = Array.from({ length: 8 }, (_, index) => `10.0.7.${index}`);
    const holders = await Promise.all(callers.map((caller) => boots.claimToken("boot-1", caller)));
    assert.equal(new Set(holders).size, 1);
  });

  it("begin anew with nothing of before", async () => {
    await boots.keepHeartbeat("boot-1", BEAT);
    await boots.keepInspection("boot-1", INSPECTION);
    await begin("boot-1");
    assert.deepEqual(await boots.see("boot-1"), { boot: bootOf("boot-1"), beatAtMs: null, inspection: null });
  });

  it("end all together, and are heard no more", async () => {
    await begin("boot-2");
    await boots.end(owner);
    assert.equal(await boots.get("boot-1"), undefined);
    assert.equal(await boots.keepHeartbeat("boot-2", BEAT), undefined);
    await boots.keepInspection("boot-2", INSPECTION);
    assert.equal(await boots.see("boot-2"), undefined);
  });
}

function bootOf(id: string): AgentBoot {
  return {
    id,
    nodeUuid: "1be26c0b-03f2-4d2e-ae87-c02d7f33c123",
    macs: ["52:54:00:aa:00:01"],
    token: TOKEN,
    tokenBy: "lookup",
    lookupUntilMs: 1,
    node: { properties: {}, instanceInfo: {} },
    settings: {
      heartbeatTimeoutS: 300,
      permittedFormats: ["raw"],
      mayInstallBiosBootloader: false,
      requiresTls: true,
    },
    tokenHolder: null,
    contact: null,
  };
}

/** What is sealed opens at its place alone. */
const BOUND = {
  seal: (plain: string, boundTo: string) => Buffer.from(JSON.stringify([boundTo, plain])).toString("base64"),
  open(sealed: string, boundTo: string) {
    const [bound, plain] = JSON.parse(Buffer.from(sealed, "base64").toString()) as [string, string];
    assert.equal(bound, boundTo);
    return plain;
  },
};
