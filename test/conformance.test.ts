import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createBmcPool, examine } from "../src/redfish/index.ts";
import { startPeer } from "./redfish/https-peer.ts";

const MOCKUPS = process.env["TRAYLOAD_MOCKUPS"] ?? join(import.meta.dirname, "../../shared/mockups");

/** What a recorded tree must lead to; paths are below `/redfish/v1`. Read off the trees by a person. */
interface Expected {
  system: string;
  /** Slots that take a disc, as `id@owner`. */
  slots?: string[];
  /** How the disc is put into the first of them. */
  insert?: string;
  /** How the next boot is led to it, in UEFI mode. */
  boot?: string;
  /** What a preflight finds to fail. */
  fails?: string[];
}

const ONCE_CD = '{"Boot":{"BootSourceOverrideEnabled":"Once","BootSourceOverrideTarget":"Cd"}}';
const ACTION = "Actions/VirtualMedia.InsertMedia";
const DELL: Expected = {
  system: "Systems/System.Embedded.1",
  slots: ["1@system", "2@system", "CD@manager"],
  insert: `POST Systems/System.Embedded.1/VirtualMedia/1/${ACTION}`,
  boot: `PATCH Systems/System.Embedded.1 ${ONCE_CD}`,
};
const HPE: Expected = {
  system: "Systems/1",
  slots: ["2@manager"],
  insert: `POST Managers/1/VirtualMedia/2/${ACTION}`,
  boot: `PATCH Systems/1 ${ONCE_CD}`,
};
const GRACE: Expected = {
  system: "Systems/System_0",
  slots: ["USB2@manager", "USB1@manager"],
  insert: `POST Managers/BMC_0/VirtualMedia/USB2/${ACTION}`,
  boot: `PATCH Systems/System_0/Settings ${ONCE_CD}`,
};

const TREES: Record<string, Expected> = {
  "dell-idrac9-6.00-r750": DELL,
  "dell-idrac9-7.10-r750": DELL,
  "dmtf-public-rackmount1": {
    system: "Systems/437XR1138R2",
    slots: ["CD1@system"],
    insert: "PATCH Systems/437XR1138R2/VirtualMedia/CD1",
    boot: `PATCH Systems/437XR1138R2 ${ONCE_CD}`,
  },
  "gigabyte-ami-megarac-h262": {
    system: "Systems/Self",
    slots: ["CD1@manager"],
    insert: `POST Managers/Self/VirtualMedia/CD1/${ACTION}`,
    boot: `PATCH Systems/Self ${ONCE_CD.replace("}}", ',"BootSourceOverrideMode":"UEFI"}}')}`,
  },
  "hpe-cray-ex235a": { system: "Systems/Node0", fails: ["slots"] },
  "hpe-ilo5-dl360gen10plus": HPE,
  "hpe-ilo6-dl380agen11": HPE,
  "hpe-ilo7-dl360gen12": HPE,
  "intel-s2600bpb": { system: "Systems/VDEX88087808", fails: ["slots"] },
  // Without a slot it is booted by UEFI HTTP boot, as test/product/trees.test.ts shows.
  "nvidia-bluefield3-dpu": { system: "Systems/Bluefield" },
  "openbmc-nvidia-gb200": GRACE,
  "openbmc-nvidia-gh200": GRACE,
  "openbmc-stock-2.15": { system: "Systems/system", fails: ["slots"] },
};

/** What a recorded refusal of InsertMedia asks for. */
const REFUSALS: Record<string, string> = {
  "transfer_method_required_error.json": "TransferMethod",
  "transfer_proto_required_error.json": "TransferProtocolType",
  "transfer_proto_required_error2.json": "TransferProtocolType",
};

/**
 * Serves a recorded tree over HTTP as its BMC would, taking every change; `changes` has those that were asked for.
 *
 * @param refusal what the first change is answered with
 */
async function openTree(tree: string, refusal?: { status: number; body: string }) {
  const changes: string[] = [];
  const peer = await startPeer([
    ({ method, url }, body) => {
      const path = new URL(url!, "http://bmc").pathname;
      if (path.endsWith("/Sessions")) return { status: 404 };
      if (method !== "GET") {
        changes.push(`${method} ${path.replace("/redfish/v1/", "")} ${body}`);
        return changes.length === 1 && refusal !== undefined ? refusal : { status: 204 };
      }
      const files = ["index.json", "index.xml"].map((name) => join(MOCKUPS, tree, path, name));
      const file = files.find((one) => existsSync(one));
      return file === undefined ? { status: 404 } : { body: readFileSync(file, "utf8") };
    },
  ]);
  const pool = createBmcPool();
  const target = {
    address: peer.address,
    tls: { mode: "verify" } as const,
    credentials: { username: "root", password: "calvin" },
    systemId: null,
  };
  const close = async () => {
    await pool.close();
    await peer.stop();
  };
  return { changes, target, pool, close };
}

describe("recorded trees", () => {
  before(function () {
    if (existsSync(MOCKUPS)) return;
    console.log(`    skipped: no recorded trees at ${MOCKUPS}; name their folder in TRAYLOAD_MOCKUPS`);
    this.skip();
  });

  for (const [tree, { system, slots = [], insert, boot, fails = [] }] of Object.entries(TREES)) {
    it(`${tree}: disc slots are ${slots.join(", ") || "none"}`, async () => {
      const { pool, target, close } = await openTree(tree);
      const found = await pool.open(target).describe({ everySlot: true });
      assert.equal(found.system.path, `/redfish/v1/${system}`);
      const discs = found.slots.filter((slot) => slot.takesDisc);
      assert.deepEqual(
        discs.map((slot) => `${slot.id}@${slot.under}`),
        slots,
      );
      for (const slot of found.slots)
        assert.ok(slot.image === undefined || slot.isInserted, `${slot.path} is empty`);
      await close();
    });

    it(`${tree}: is loaded, booted and switched by requests that it lists`, async () => {
      const { pool, target, changes, close } = await openTree(tree);
      const bmc = pool.open(target);
      const found = await bmc.describe();
      const slot = found.slots.find((one) => one.takesDisc);
      if (slot !== undefined) {
        await bmc.insertMedia(slot, "http://10.0.0.1:8090/s/boot.iso");
        await bmc.bootFromDisc(found, slot, { mode: "uefi", persistent: false });
      }
      await bmc.setPower(found, "force-off");
      await bmc.setPower(found, "on");
      const reset = `POST ${system}/Actions/ComputerSystem.Reset`;
      assert.deepEqual(
        changes.map((change) => (change.includes("Image") ? change.replace(/ \{.*/, "") : change)),
        [
          ...(insert === undefined ? [] : [insert]),
          ...(boot === undefined ? [] : [boot]),
          `${reset} {"ResetType":"ForceOff"}`,
          `${reset} {"ResetType":"On"}`,
        ],
      );
      await close();
    });

    it(`${tree}: a preflight finds ${fails.join(", ") || "nothing"} to fail, and changes nothing`, async () => {
      const { pool, target, changes, close } = await openTree(tree);
      const findings = await examine(pool, target);
      assert.deepEqual(
        findings.filter(({ outcome }) => outcome === "fail").map(({ check }) => check),
        fails,
      );
      assert.deepEqual(changes, []);
      await close();
    });
  }

  for (const [name, parameter] of Object.entries(REFUSALS))
    it(`${name}: the insert is sent again with ${parameter}`, async () => {
      const body = readFileSync(join(MOCKUPS, "_fragments/error-bodies", name), "utf8");
      const { pool, target, changes, close } = await openTree("openbmc-nvidia-gb200", {
        status: 400,
        body,
      });
      const bmc = pool.open(target);
      const [slot] = (await bmc.describe()).slots;
      await bmc.insertMedia(slot!, "http://10.0.0.1:8090/s/boot.iso");
      assert.deepEqual(
        changes.map((change) => Object.keys(JSON.parse(change.split(" ")[2]!))),
        [["Image"], ["Image", parameter]],
      );
      await close();
    });
});
