import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../src/config.ts";
import { startTrayload } from "../../src/main.ts";
import { QUIRKS } from "../../src/redfish/index.ts";
import { type Profile, profileNamed, variantOf } from "../bmc-simulator/index.ts";
import { findPort } from "../kill/ports.ts";
import { type Product, type ProductOptions, startProduct } from "./fixture.ts";

/** The BMC that each row is for. */
const BMCS: Record<string, Profile | string> = {
  "ami-insert-protocol": "ami-megarac",
  "ami-whole-boot": "ami-megarac",
  "asrock-whole-boot": "asrock-rack",
  "dell-busy-after-eject": "dell-idrac9",
  "dell-makers-boot": variantOf("dell-idrac9-6.00", {
    manager: { firmwareVersion: "5.10.50.00" },
    boot: { discTargets: [] },
  }),
  // No order is promised for the slots, and the second is never booted.
  "idrac10-first-slot": variantOf("dell-idrac10", {
    media: { slots: profileNamed("dell-idrac10").media.slots.toReversed() },
  }),
  "lenovo-ext-slots": "lenovo-xcc",
  "nokia-insert-protocol": "nokia-airframe",
  "nvidia-dgx-credentials": "nvidia-dgx",
  "supermicro-iso-over-http": "supermicro-x11",
  "supermicro-usbcd": "supermicro-x12",
  "supermicro-whole-boot": "supermicro-x12",
};

/** What is to fail need not be waited for, and what is to succeed gets the time that a busy machine takes. */
const SHORT = { timeoutMs: 2_000, firstReadMs: 250, powerSettleMs: 2_000 };
const PATIENT: typeof SHORT = { timeoutMs: 15_000, firstReadMs: 3_000, powerSettleMs: 6_000 };

/** What Trayload must be set to for a row to count: BMCs are told of an address over TLS first. */
const SETTINGS: Record<string, (port: number) => Record<string, string>> = {
  "supermicro-iso-over-http": (port) => ({
    PROVISION_LISTEN: `127.0.0.1:${port}`,
    PROVISION_URL: `https://127.0.0.1:1,http://127.0.0.1:${port}`,
  }),
};

/** What a deployment went through beyond what it needs: the fewer, the better. */
interface Trouble {
  failed: boolean;
  /** Changes that the BMC refused, slots that were given up, tries again and waits for media. */
  detours: number;
  /** How often the machine was switched on. */
  starts: number;
  /** The firmware's mode was changed though nobody had asked for it. */
  modeChanged: boolean;
}

describe("each quirk row", () => {
  const running: Product[] = [];
  afterEach(() => Promise.all(running.splice(0).map((product) => product.stop())));

  async function deployOver(
    options: ProductOptions,
    { timeoutMs, ...timing }: typeof SHORT,
  ): Promise<{ trouble: Trouble; opened: string; error: string }> {
    const product = await startProduct({ ...options, timing });
    running.push(product);
    await product.addNode();
    const mode = product.bmc.override.mode;
    const first = await product.deploy({ timeoutMs });
    const last = first.state === "succeeded" ? await product.deploy({ timeoutMs }) : first;
    const events = [...(await product.events(first.id)), ...(await product.events(last.id))];
    const refused = product.bmc.requests.filter(
      ({ method, status }) => method !== "GET" && (status ?? 0) >= 400,
    );
    const detours = events.filter(
      ({ type, step }) =>
        /^step-(retried|retreated)$/.test(type) || (type === "step-waiting" && step === "insert-media"),
    );
    const starts = product.bmc.actions.filter((one) => one.what === "reset" && one.type === "On");
    const trouble = {
      starts: starts.length,
      failed: last.state !== "succeeded",
      detours: refused.length + detours.length,
      modeChanged: product.bmc.override.mode !== mode,
    };
    return {
      error: JSON.stringify(last.error),
      trouble,
      opened: events.find(({ type, step }) => type === "step-done" && step === "open-bmc").detail,
    };
  }

  for (const row of QUIRKS)
    it(`${row.name} makes a difference, and is named in the events`, async () => {
      const profile = BMCS[row.name] ?? assert.fail(`no BMC shows what ${row.name} is for`);
      const others = QUIRKS.filter((one) => one !== row);
      const settings = async () => ({ settings: SETTINGS[row.name]?.(await findPort()) ?? {} });
      const [withRow, without] = await Promise.all([
        deployOver({ profile, ...(await settings()) }, PATIENT),
        deployOver({ profile, quirks: others, ...(await settings()) }, SHORT),
      ]);
      assert.equal(withRow.trouble.failed, false, withRow.error);
      assert.ok(withRow.opened.includes(row.name), withRow.opened);
      assert.ok(!without.opened.includes(row.name), without.opened);
      const weight = ({ failed, detours, modeChanged, starts }: Trouble) =>
        (failed ? 100 : 0) + (modeChanged ? 10 : 0) + detours + starts;
      assert.ok(
        weight(withRow.trouble) < weight(without.trouble),
        `${JSON.stringify(withRow.trouble)} with it, ${JSON.stringify(without.trouble)} without`,
      );
    });

  describe("of an operator's file", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "quirks-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    it("counts beside Trayload's own", async () => {
      const row =
        "{name: my-own, match: {vendor: contoso}, differs: {slotsNever: ^Cd$}, why: so, seen: here}";
      writeFileSync(join(folder, "quirks.yaml"), `- ${row}`);
      const product = await startProduct({ settings: { QUIRKS_FILE: join(folder, "quirks.yaml") } });
      running.push(product);
      await product.addNode();
      const ended = await product.deploy();
      assert.match(ended.error.message, /no slot that takes a CD: it has Cd, Usb/);
    });

    it("stops the start where it is wrong, and is told where", async () => {
      writeFileSync(join(folder, "quirks.yaml"), "- {name: my-own}");
      const env = { TRAYLOAD_QUIRKS_FILE: join(folder, "quirks.yaml"), TRAYLOAD_DATA_DIR: folder };
      const listen = { TRAYLOAD_API_LISTEN: "127.0.0.1:0", TRAYLOAD_PROVISION_LISTEN: "127.0.0.1:0" };
      const config = readConfig({ ...env, ...listen, TRAYLOAD_LOG_LEVEL: "silent" });
      await assert.rejects(startTrayload(config), /TRAYLOAD_QUIRKS_FILE .*quirks.yaml: row 1.match: /);
    });
  });
});
