import assert from "node:assert/strict";
import { type Bmc, createBmcPool, holds, type SharedBmcPool } from "../../src/redfish/index.ts";
import { endAll, serveDisc } from "../bmc-simulator/fixture.ts";
import {
  type LabOptions,
  type Profile,
  type SimulatedBmc,
  startLab,
  variantOf,
} from "../bmc-simulator/index.ts";
import { until } from "../until.ts";

/** What single BMCs are known to differ by (field notes, 2.1), with tasks that ask for no pause. */
const KINDS: Record<string, Profile> = {
  "all by task": variantOf("generic", {
    tasks: { verbs: ["insert", "eject", "reset", "boot"], retryAfter: "0" },
  }),
  "insert by PATCH": variantOf("generic", { media: { insertBy: "patch", required: ["Inserted"] } }),
  "If-Match required, weak ETags": variantOf("generic", { etags: { kind: "weak", ifMatch: "required" } }),
  "boot at the settings object": variantOf("generic", {
    boot: { settings: { id: "Settings", shows: "override" } },
  }),
  "whole boot objects only": variantOf("generic", {
    boot: { wantsAll: true },
    system: { manufacturer: "ASRockRack" },
  }),
  "UsbCd boots the disc, Cd does not": variantOf("generic", {
    boot: { targets: ["None", "Pxe", "Cd", "UsbCd", "Hdd"], discTargets: ["UsbCd"] },
    system: { manufacturer: "Supermicro" },
  }),
  "eject with a body only, nothing to eject refused": variantOf("generic", {
    media: { ejectNeedsBody: true, whenEmpty: "refuse" },
  }),
  "no session service": variantOf("generic", { sessions: null }),
  "no Basic": variantOf("generic", { takesBasic: false }),
  "names no targets, no modes": variantOf("generic", { boot: { listsTargets: "nowhere", modes: null } }),
};

describe("the verbs on BMCs that differ in one thing", () => {
  let pool: SharedBmcPool;
  let stop: () => Promise<void>;

  async function open(options: LabOptions): Promise<{ simulated: SimulatedBmc; bmc: Bmc }> {
    const lab = await startLab(options);
    const simulated = lab.bmcs[0]!;
    pool = createBmcPool();
    stop = () => lab.stop();
    const { address, username, password } = simulated;
    const target = { address, credentials: { username, password }, systemId: null };
    return { simulated, bmc: pool.open({ ...target, tls: { mode: "verify" } }) };
  }

  afterEach(async () => {
    await pool.close();
    await stop();
    await endAll();
  });

  for (const [name, profile] of Object.entries(KINDS))
    it(`boot a machine from a disc and clean up: ${name}`, async () => {
      const { simulated, bmc } = await open({ profile });
      const disc = await serveDisc();
      const description = await bmc.describe();
      const slot = description.slots.find(({ takesDisc }) => takesDisc)!;

      await bmc.insertMedia(slot, disc.url);
      assert.ok(holds(await bmc.readSlot(slot), disc.url), "the slot does not read back as ours");
      await bmc.bootFromDisc(description, slot, { mode: null, persistent: false });
      await bmc.setPower(description, "on");
      await until(() => simulated.bootedFrom?.url === disc.url);
      assert.equal((await bmc.readState(description)).power, "on");

      await bmc.setPower(description, "force-off");
      assert.equal((await bmc.readState(description)).power, "off");
      await bmc.ejectMedia(await bmc.readSlot(slot));
      assert.equal((await bmc.readSlot(slot)).isInserted, false);
      await bmc.bootFromDisk(description);
      await bmc.setPower(description, "on");
      await until(() => simulated.bootedFrom?.from === "disk");

      bmc.release();
      await pool.close();
      assert.equal(simulated.openSessions, 0);
    });
});
