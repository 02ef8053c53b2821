import assert from "node:assert/strict";
import { type Product, startProduct } from "../product/fixture.ts";
import { isoField, logIn, needBrowser, picture, type Visit, visit } from "./browser.ts";
import { assertAccessible } from "./accessible.ts";

describe("the dashboard's other pages, in a browser", () => {
  let product: Product;
  let seen: Visit;

  before(async function () {
    needBrowser(this);
    product = await startProduct({ count: 2, tls: true });
  });
  beforeEach(async () => {
    seen = await visit(product.trayload.apiUrl!);
  });
  afterEach(async () => {
    assert.deepEqual([seen?.troubles, seen?.strangers], [[], []]);
    await seen?.close();
  });
  after(() => product?.stop());

  const admin = () => product.trayload.admin.token;

  it("adds a node, shows whose certificate it is, pins it when told, and checks it at once", async () => {
    const { page } = seen;
    const { address, username, password } = product.bmc;
    await logIn(page, admin(), "/add-node");
    await page.getByLabel("Name").fill("rack1-u01");
    await page.getByLabel("Address of the BMC").fill(address);
    await page.getByLabel("User").fill(username);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await assertAccessible(page);
    await picture(page, "add-node");
    await page.getByRole("button", { name: "Add and check it" }).click();

    const certificate = page.getByRole("group", { name: "Certificate of the BMC" });
    const shown = await certificate.locator(".fingerprint").innerText();
    assert.equal(shown.replaceAll(/\s/g, ""), product.lab.fingerprint);
    assert.equal(product.bmc.refusedLogIns, 0);
    await picture(page, "add-node-certificate");
    await certificate.getByRole("button").click();
    await page.getByText(/^It can be deployed/).waitFor();
    await picture(page, "add-node-checked");
    const { body: node } = await product.call("GET", "/v1/nodes/rack1-u01");
    assert.deepEqual(node.bmc.tls, { mode: "pin", fingerprint: product.lab.fingerprint });

    await page.getByRole("link", { name: "Go to it" }).click();
    await page.getByRole("heading", { name: "What its BMC can do" }).waitFor();
    await page.getByText("takes a disc by action").first().waitFor();
    await page.getByLabel("Maintenance").click();
    await page.locator(".fact").getByText("maintenance").waitFor();
    await page.getByLabel("Maintenance").click();
    await page.locator(".fact").getByText("maintenance").waitFor({ state: "detached" });
    await assertAccessible(page);
    await picture(page, "node-known");
  });

  it("fetches an image ahead, verifies it and removes it", async () => {
    const { page } = seen;
    await logIn(page, admin(), "/images");
    await page.getByRole("heading", { name: "The store is empty" }).waitFor();
    await picture(page, "images-empty");
    await page.getByRole("textbox", { name: "Image" }).fill(product.iso.url);
    await page.getByRole("button", { name: "Fetch" }).click();
    await page.getByText(/^It is here: 2\.0 MiB, sha256:/).waitFor();
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("as it should be").waitFor();
    await page.getByRole("rowheader").getByText(product.iso.url, { exact: true }).waitFor();
    await assertAccessible(page);
    await picture(page, "images");
    await page.getByRole("button", { name: "Remove …" }).click();
    await page.getByRole("button", { name: "Remove it" }).click();
    await page.getByRole("heading", { name: "The store is empty" }).waitFor();
    await page.getByRole("textbox", { name: "Image" }).fill("http://127.0.0.1:1/nobody-listens.iso");
    await page.getByRole("button", { name: "Fetch" }).click();
    await page.getByRole("alert").getByText("127.0.0.1:1").waitFor();
  });

  it("shows who works, and what waits", async () => {
    const { page } = seen;
    const { body } = await product.submit({ node: "rack1-u01", callbackSecret: "c".repeat(40) });
    await logIn(page, admin(), "/queue");
    await page.getByText(`process ${process.pid}`).waitFor();
    const row = page.getByRole("row").filter({ hasText: "wait-for-finish" });
    await row.getByRole("link", { name: "deployments" }).waitFor();
    await assertAccessible(page);
    await picture(page, "queue");
    await product.call("POST", `/v1/deployments/${body.id}/cancel`, {});
    await page.getByText("All that was asked for has ended.").waitFor();
  });

  it("deploys many under limits, says what the rest waits for, and is paused, resumed and cancelled", async () => {
    const { page } = seen;
    const { address, username, password } = product.lab.bmcs[1]!;
    const tls = { mode: "pin", fingerprint: product.lab.fingerprint };
    const bmc = { address, username, password, tls };
    await product.call("POST", "/v1/nodes", { name: "rack1-u02", bmc, site: "ams1", rack: "r1" });
    await logIn(page, admin());
    await page.getByLabel("Choose all nodes that fit").check();
    await page.getByRole("button", { name: "Campaign …" }).click();
    await page.getByLabel("Name of the campaign").fill("noble");
    await isoField(page).fill(product.iso.url);
    await page.getByLabel("It has succeeded when").selectOption("powered-off");
    await page.getByText("Kernel arguments, answers").click();
    await page.getByLabel("Canaries first").fill("1");
    await picture(page, "campaign-dialog");
    await page.getByRole("button", { name: "Begin the campaign" }).click();
    await page.waitForURL("**/campaigns/camp_*");
    await page.getByText("1 canary to succeed first").first().waitFor();
    await page.getByRole("row").filter({ hasText: "running" }).waitFor();
    await assertAccessible(page);
    await picture(page, "campaign");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("alert").getByText("It was paused").waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await page.getByRole("button", { name: "Cancel …" }).click();
    await page.getByRole("button", { name: "Cancel it" }).click();
    await page.getByRole("heading", { name: /cancelled/ }).waitFor();
    await page.getByRole("link", { name: "Campaigns" }).first().click();
    await page.getByRole("link", { name: "noble" }).waitFor();
    await picture(page, "campaigns");
  });

  it("says what the nodes of a campaign failed of, and deploys these again as a new one", async () => {
    const { page } = seen;
    const { body } = await product.call("POST", "/v1/campaigns", {
      name: "wrong-sum",
      nodes: ["rack1-u01", "rack1-u02"],
      deployment: { boot: { iso: { url: product.iso.url, checksum: `sha256:${"0".repeat(64)}` } } },
    });
    await logIn(page, admin(), `/campaigns/${body.id}`);
    await page.getByRole("row").filter({ hasText: "rack1-u02" }).getByText("was asked for").waitFor();
    const again = page.getByRole("button", { name: "Deploy what failed again …" });
    await again.waitFor();
    await assertAccessible(page);
    await picture(page, "campaign-failed");
    await again.click();
    await page.getByRole("dialog").getByText("deploys 2 nodes").waitFor();
    await page.getByRole("button", { name: "Deploy again" }).click();
    await page.getByRole("link", { name: "retry of an earlier one" }).click();
    await page.getByRole("link", { name: "retried since" }).waitFor();
    assert.equal(await again.count(), 0);
  });

  it("makes a token that is shown once, and lets nobody in with it once it is revoked", async () => {
    const { page } = seen;
    await logIn(page, admin(), "/tokens");
    await page.getByRole("heading", { name: "There is only the first token" }).waitFor();
    await page.getByRole("button", { name: "Make a token …" }).click();
    await page.getByLabel("Name").fill("night-watch");
    await page.getByLabel("Only for nodes").fill("role=worker");
    await assertAccessible(page);
    await picture(page, "token-dialog");
    await page.getByRole("button", { name: "Make it" }).click();
    const token = await page.getByLabel("The new token").inputValue();
    const use = async () =>
      (await product.call("GET", "/v1/nodes", undefined, { authorization: `Bearer ${token}` })).status;
    assert.equal(await use(), 200);
    await picture(page, "tokens");
    await page.reload();
    const row = page.getByRole("row").filter({ hasText: "night-watch" });
    await row.getByText("role=worker").waitFor();
    await picture(page, "tokens-listed");
    assert.equal(await page.getByText(token).count(), 0);
    await row.getByRole("button", { name: "Revoke …" }).click();
    await page.getByRole("button", { name: "Revoke it" }).click();
    await row.waitFor({ state: "detached" });
    assert.equal(await use(), 401);
  });

  it("tells who did what, narrows it in the URL, exports it and reckons its chain anew", async () => {
    const { page } = seen;
    await logIn(page, admin(), "/audit");
    await page.getByLabel("What path").fill("/v1/tokens");
    await page.getByRole("button", { name: "Narrow" }).click();
    await page.waitForURL("/audit?target=%2Fv1%2Ftokens");
    await page.getByRole("row").filter({ hasText: "/v1/nodes" }).first().waitFor({ state: "detached" });
    await page.getByText("What was changed").first().click();
    await page.getByText('"name": "night-watch"').first().waitFor();
    await page.getByRole("button", { name: "Verify the whole chain" }).click();
    await page.getByText(/entries hold together/).waitFor();
    await assertAccessible(page);
    await picture(page, "audit");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "audit.jsonl");
  });

  it("says of an address that there is no such page, and leads back", async () => {
    const { page } = seen;
    await logIn(page, admin(), "/nodez");
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await assertAccessible(page);
    await picture(page, "no-such-page");
    await page.getByRole("link", { name: "fleet" }).last().click();
    await page.getByRole("link", { name: "rack1-u01" }).waitFor();
  });

  it("offers a viewer nothing that would be refused, on any page", async () => {
    const { page } = seen;
    const { body: viewer } = await product.call("POST", "/v1/tokens", { name: "eyes", role: "viewer" });
    const { body: past } = await product.call("GET", "/v1/deployments");
    const forbidden: string[] = [];
    page.on("response", (reply) => reply.status() === 403 && forbidden.push(reply.url()));
    await logIn(page, viewer.token);
    await page.getByRole("link", { name: "rack1-u01" }).waitFor();
    const places = [
      "/",
      "/nodes/rack1-u01",
      "/deployments",
      `/deployments/${past.items[0].id}`,
      "/images",
      "/queue",
    ];
    for (const place of places) {
      await page.goto(place);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.locator(".loading").waitFor({ state: "detached" });
      const buttons = await page.getByRole("main").getByRole("button").allInnerTexts();
      assert.deepEqual(
        buttons.filter((text) => !/^(All|Show all|failed|deploy|inspecting|cleaning)/.test(text)),
        [],
        place,
      );
      assert.equal(await page.getByRole("checkbox").count(), 0, place);
    }
    const links = await page.getByRole("navigation", { name: "Pages" }).getByRole("link").allInnerTexts();
    assert.deepEqual(links, ["Fleet", "Deployments", "Campaigns", "Images", "Queue", "API"]);
    await page.goto("/add-node");
    await page.getByText("Your token may not add nodes").waitFor();
    assert.deepEqual(forbidden, []);
    await picture(page, "viewer");
  });
});
