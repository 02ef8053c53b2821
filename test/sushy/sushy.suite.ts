import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Lab, PROFILES, startLab } from "../bmc-simulator/index.ts";
import { type FileServer, startFileServer } from "../images/file-server.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";

/** Debian's, for which python3-sushy is. */
const PYTHON = "/usr/bin/python3";

/** Ways into a slot that sushy has not; Ironic cannot use such BMCs either. */
const BEYOND_SUSHY: Record<string, string> = {
  "http-boot": "it has no virtual media",
  "huawei-ibmc": "VmmControl is Huawei's own",
  "supermicro-x11": "IsoConfig is Supermicro's own",
  "nokia-airframe": "Debian's sushy cannot name the protocol of an insert; later ones do",
  "ami-megarac": "the same",
  "ami-megarac-off": "remote media are switched on by AMI's own actions",
};

/** Sees to it that our BMCs are what others take for BMCs: OpenStack's own client boots their machines. */
describe("OpenStack's sushy, on the simulated BMCs", () => {
  let lab: Lab | undefined;
  let iso: FileServer;
  before(async function () {
    const { status } = spawnSync(PYTHON, ["-c", "import sushy"]);
    if (status !== 0) {
      const remedy = "apt-get install --no-install-recommends python3-sushy";
      if (process.env["CI"] === "true") throw new Error(`sushy is missing; ${remedy}`);
      console.warn(`    skipped, as sushy is missing: ${remedy}`);
      this.skip();
    }
    iso = await startFileServer(makeTinyIso({ sizeBytes: 2 ** 20 }));
  });
  afterEach(() => lab?.stop());
  after(() => iso?.stop());

  for (const { name, system } of Object.values(PROFILES).filter((one) => !(one.name in BEYOND_SUSHY)))
    it(`connects to ${name}, lists, inserts, boots once, switches off and ejects`, async () => {
      lab = await startLab({ profile: name });
      const bmc = lab.bmcs[0]!;
      const path = `/redfish/v1/Systems/${system.id}`;
      const words = [bmc.address, bmc.username, bmc.password, path, iso.url];
      const child = spawn(PYTHON, [join(import.meta.dirname, "drive.py"), ...words]);
      let complaints = "";
      child.stderr.on("data", (some) => (complaints += String(some)));
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const next = async () => {
        const { value, done } = await lines.next();
        assert.ok(done !== true, complaints);
        return JSON.parse(value as string) as Record<string, unknown>;
      };
      const seen = await next();
      assert.deepEqual([seen["inserted"], seen["on"]], [true, true]);
      const end = Date.now() + 5_000;
      while (bmc.bootedFrom === null && Date.now() < end) await new Promise((look) => setTimeout(look, 20));
      assert.equal(bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
      child.stdin.write("go on\n");
      assert.deepEqual(await next(), { ejected: true });
      await once(child, "close");
      assert.deepEqual([bmc.power, bmc.slots.filter(({ image }) => image !== null)], ["Off", []]);
    });
});
