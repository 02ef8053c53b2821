import assert from "node:assert/strict";
import { modelMachines } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "../product/fixture.ts";
import { assertAccessible } from "./accessible.ts";
import { isoField, needBrowser, picture, type Visit, visit } from "./browser.ts";

describe("the dashboard, in a browser", () => {
  let product: Product;
  let seen: Visit;

  before(async function () {
    needBrowser(this);
    product = await startProduct({
      count: 8,
      profile: "mix",
      isoBytes: 20 * 2 ** 20,
      machines: modelMachines({ readPauseMs: 120, readShare: 0.9, script: ["power-off"] }),
    });
    for (const bmc of product.lab.bmcs) {
      const added = await product.addNode(bmc, { site: "ams1", rack: "r1", labels: { role: "worker" } });
      assert.equal(added.status, 201);
    }
    seen = await visit(product.trayload.apiUrl!);
  });
  after(async () => {
    await seen?.close();
    await product?.stop();
  });

  it("goes through the main job, from log-in to success", async () => {
    const { page } = seen;
    const name = product.bmc.name;
    await page.goto("/");
    await picture(page, "log-in");
    await page.getByLabel("Token").fill("tl_wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("The token that was sent is not valid.").waitFor();
    await page.getByLabel("Token").fill(product.trayload.admin.token);
    await page.keyboard.press("Enter");

    await page.getByRole("link", { name, exact: true }).waitFor();
    await picture(page, "fleet-new");
    await page.getByRole("link", { name, exact: true }).click();
    await page.getByRole("button", { name: "Check whether it can be deployed" }).click();
    await page.getByText("virtual-media").or(page.getByText("slots")).first().waitFor();
    await picture(page, "node");
    await page.getByRole("button", { name: "Deploy …" }).click();
    await isoField(page).fill(product.iso.url);
    await page.getByLabel("It has succeeded when").selectOption("powered-off");
    // The page goes on behind the dialog, and must not undo what was typed.
    await page.waitForTimeout(1500);
    assert.equal(await isoField(page).inputValue(), product.iso.url);
    await picture(page, "deploy-dialog");
    await assertAccessible(page);
    await page.getByRole("button", { name: `Deploy ${name}` }).click();

    await page.waitForURL("**/deployments/dep_*");
    await page.getByText("Waiting for").waitFor();
    await page.getByText(/^[3-9]\d % · /).waitFor();
    await picture(page, "deployment-running");
    await page.getByRole("heading", { name: /succeeded/ }).waitFor();
    await picture(page, "deployment-succeeded");

    const menu = page.locator("summary").filter({ hasText: "Machine" });
    const inside = page.getByRole("button", { name: "Shut down" });
    await menu.click();
    await inside.waitFor();
    await page.keyboard.press("Escape");
    await inside.waitFor({ state: "hidden" });
    await page.locator("summary:focus").filter({ hasText: "Machine" }).waitFor();
    await page.keyboard.press("Enter");
    await inside.click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await inside.waitFor();
    await page.getByRole("heading", { name: "Events" }).click();
    await inside.waitFor({ state: "hidden" });
    assert.deepEqual([seen.troubles, seen.strangers], [[], []]);
  });
});
