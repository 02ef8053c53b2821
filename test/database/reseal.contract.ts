import assert from "node:assert/strict";
import { sql as raw } from "kysely";
import { createAgentBoots } from "../../src/database/agent-boots.ts";
import { createSessionStore } from "../../src/database/bmcs/sessions.ts";
import { createExposures } from "../../src/database/exposures.ts";
import { createNodeStore } from "../../src/database/nodes.ts";
import { createRecordStore } from "../../src/database/records/record-store.ts";
import { createRequestBlobs } from "../../src/database/request-blobs.ts";
import { createResealing } from "../../src/database/reseal.ts";
import type { Sql } from "../../src/database/sql.ts";
import { createWebhookStore } from "../../src/database/webhooks.ts";
import { templateOf } from "../../src/campaigns/index.ts";
import { createCampaignStore } from "../../src/database/campaigns/store.ts";
import { createNodes, createSecretBox, loginOf } from "../../src/nodes/index.ts";
import { newCampaign } from "../campaigns/fixture.ts";
import { sealExposures } from "../../src/start/sealed-exposures.ts";
import { secretOf } from "../../src/webhooks/index.ts";
import { newRecord } from "./fixture.ts";

const OLD = { id: "k_1", bytes: Buffer.alloc(32, 1) };
const NEW = { id: "k_2", bytes: Buffer.alloc(32, 2) };
const ALWAYS = () => true;

/** Secrets at rest under another key. `open` gives an empty database. */
export function resealContract(open: () => Promise<Sql>): void {
  let sql: Sql;
  const box = createSecretBox([OLD]);
  beforeEach(async () => {
    sql = await open();
    box.renew([OLD]);
  });
  afterEach(() => sql.close());

  /** Everything of which something is sealed, and what reads it. */
  async function keepOneOfEach(): Promise<() => Promise<unknown[]>> {
    const nodes = createNodes({ store: createNodeStore(sql), secrets: box, clock: Date.now });
    const node = await nodes.add(
      { name: "n1", bmc: { address: "https://10.0.0.1", username: "root" } },
      "bmc-p",
    );
    const record = newRecord();
    const records = createRecordStore(sql);
    await records.accept({ ...record, sealedSecrets: box.seal("record-s", record.view.id) });
    const blobs = createRequestBlobs(sql, box);
    const blob = await blobs.add(Buffer.alloc(1_500_000, "b"));
    const sessions = createSessionStore(sql, box);
    const session = { generation: 1, token: "t", path: "/s" } as never;
    await sessions.put("https://10.0.0.1 root", session);
    const exposures = sealExposures(createExposures(sql), box);
    const extents = [{ kind: "bytes" as const, base64: "AAAA", sizeBytes: 3 }];
    const disc = { id: "disc_1", sizeBytes: 3, extents } as never;
    await exposures.publish({ kind: "disc", secretHash: "h", recordId: record.view.id, disc, bmcHost: "b" });
    const webhooks = createWebhookStore(sql);
    const made = { createdAtMs: 1, createdBy: "admin", position: 0, campaignPosition: 0 };
    const sealedSecret = box.seal("hook-s", secretOf("wh_1"));
    await webhooks.insert({ id: "wh_1", url: "https://h", events: ["*"], sealedSecret, ...made });
    const boots = createAgentBoots(sql, {
      sealing: box,
      hints: { add: async () => undefined },
      log: { warn: () => undefined },
    });
    const boot = { id: "boot_1", owner: record.view.id, token: "agent-t" } as never;
    await boots.begin(boot);
    const campaigns = createCampaignStore(sql);
    const sealedTemplate = box.seal("template-s", templateOf("camp_1"));
    await campaigns.insert({ ...newCampaign({ r1: 1 }), sealedTemplate });
    const login = { username: "u", password: "image-p" };
    const image = { url: "https://i/k", checksum: null };
    const imaged = await nodes.add(
      {
        name: "n2",
        bmc: { address: "https://10.0.0.2", username: "root" },
        agent: {
          kind: "ipa",
          kernel: { ...image, auth: login },
          ramdisk: { ...image, auth: login },
          kernelArgs: "",
        },
      },
      "bmc-p2",
    );
    return async () => [
      box.open((await campaigns.sealedTemplate("camp_1"))!, templateOf("camp_1")),
      loginOf(box, (await nodes.get(imaged.id)).agent!.kernel!, imaged.id),
      loginOf(box, (await nodes.get(imaged.id)).agent!.ramdisk!, imaged.id),
      (await nodes.credentials(node.id)).password,
      box.open((await records.sealedSecrets(record.view.id))!, record.view.id),
      (await blobs.read(blob.id))?.toString(),
      await sessions.get("https://10.0.0.1 root"),
      ((await exposures.find("h")) as { disc: { extents: unknown } }).disc.extents,
      box.open((await webhooks.get("wh_1"))!.sealedSecret, secretOf("wh_1")),
      JSON.stringify(await boots.get("boot_1")),
    ];
  }

  it("are all sealed anew, and stay what they are", async () => {
    const readAll = await keepOneOfEach();
    const before = await readAll();
    const resealing = createResealing(sql, box);
    box.renew([NEW, OLD]);
    const all = (await resealing.count([OLD.id])).get(OLD.id)!;
    assert.equal(all, 11);
    assert.deepEqual(await resealing.reseal(ALWAYS), { sealed: all, unreadable: 0 });
    assert.deepEqual([...(await resealing.count([OLD.id, NEW.id])).values()], [0, all]);
    box.renew([NEW]);
    assert.deepEqual(await readAll(), before);
  });

  it("stay where their key is gone, and keep nothing else from being sealed anew", async () => {
    await keepOneOfEach();
    await sql.write(({ db }) => raw`update records set sealed_secrets = 'v1.lost.AAAA'`.execute(db));
    box.renew([NEW, OLD]);
    const resealing = createResealing(sql, box);
    assert.deepEqual(await resealing.reseal(ALWAYS), { sealed: 10, unreadable: 1 });
  });
}
