import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Page } from "playwright-core";
import { modelMachines } from "../bmc-simulator/index.ts";
import { nodeOf, type Product, startProduct } from "../product/fixture.ts";
import { assertAccessible } from "./accessible.ts";
import { isoField, needBrowser, picture, type Visit, visit } from "./browser.ts";

describe("the fleet, in a browser", () => {
  let product: Product;
  let seen: Visit;
  let page: Page;

  before(async function () {
    needBrowser(this);
    product = await startProduct({
      count: 4,
      isoBytes: 48 * 2 ** 20,
      // The same after a restart, as browsers expect.
      settings: { API_LISTEN: `127.0.0.1:${await freePort()}` },
      machines: modelMachines({ readPauseMs: 200, readShare: 0.9 }),
    });
  });
  beforeEach(async () => {
    seen = await visit(product.trayload.apiUrl!);
    page = seen.page;
  });
  afterEach(async () => {
    assert.deepEqual([seen?.troubles, seen?.strangers], [[], []]);
    await seen?.close();
  });
  after(() => product?.stop());

  const logIn = async (path = "/") => {
    await page.goto(path);
    await page.getByLabel("Token").fill(product.trayload.admin.token);
    await page.keyboard.press("Enter");
    await page.getByText(/^(live|ended)$/).waitFor();
  };
  /** Keeps back what the server says of all nodes. @returns what lets it through */
  const holdAll = async () => {
    const said = Promise.withResolvers<void>();
    const ofAll = (url: URL) => url.searchParams.get("limit") === "500";
    await page.route(ofAll, (route) => said.promise.then(() => route.continue()));
    return said.resolve;
  };
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });

  it("says how to begin while there are no nodes", async () => {
    await logIn();
    await page.getByRole("heading", { name: "There are no nodes yet" }).waitFor();
    await picture(page, "fleet-empty");
    for (const bmc of product.lab.bmcs) await product.addNode(bmc);
  });

  it("deploys and cancels many at once, and shows each go on", async () => {
    await logIn();
    // Whoever leaves a node out of all must find it left out, however late the server says which are all.
    const sayAll = await holdAll();
    await page.getByLabel("Choose all nodes that fit").check();
    setTimeout(sayAll, 500);
    await page.getByLabel("Choose bmc-0004").click();
    await page.getByRole("button", { name: "Deploy …" }).click();
    await isoField(page).fill(product.iso.url);
    await page.getByLabel("It has succeeded when").selectOption("powered-off");
    await page.getByRole("button", { name: "Deploy 3 nodes" }).click();
    await row("bmc-0003").getByText("deploying").waitFor();
    await row("bmc-0001").getByRole("progressbar").waitFor();
    await row("bmc-0001")
      .getByText(/[KM]iB\/s/)
      .waitFor();
    await picture(page, "fleet-deploying");
    await assertAccessible(page);

    await page.getByLabel("Choose bmc-0001").check();
    await page.getByLabel("Choose bmc-0002").check();
    await page.getByRole("button", { name: "Cancel deployments …" }).click();
    await page.getByRole("button", { name: "Cancel them" }).click();
    await row("bmc-0001").getByText("deployable").waitFor();
    await row("bmc-0003").getByText("deploying").waitFor();
  });

  it("chooses nobody by what the server says of conditions that have changed since", async () => {
    await logIn();
    const sayAll = await holdAll();
    await page.getByLabel("Choose all nodes that fit").check();
    await page.getByRole("button", { name: /^deployable/ }).click();
    await row("bmc-0003").waitFor({ state: "detached" });
    sayAll();
    await page.getByLabel("Choose all nodes that fit").click({ trial: true });
    assert.equal(await page.getByText(/chosen$/).count(), 0);
  });

  it("names each node that a request was refused for, and what stands in the way", async () => {
    await logIn();
    await page.getByLabel("Choose bmc-0003").check();
    await page.getByRole("button", { name: "Deploy …" }).click();
    await isoField(page).fill(product.iso.url);
    await page.getByRole("button", { name: "Deploy bmc-0003" }).click();
    await page.getByRole("alert").filter({ hasText: "bmc-0003" }).waitFor();
    await picture(page, "deploy-refused");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("keeps its view in the URL, to be sent and gone back to", async () => {
    await logIn("/?state=deploying");
    await row("bmc-0003").waitFor();
    assert.equal(await page.getByRole("link", { name: /^bmc-/ }).count(), 1);
    await page.getByRole("button", { name: /^All/ }).click();
    await row("bmc-0001").waitFor();
    await page.getByRole("link", { name: "Node", exact: true }).click();
    await page.waitForURL("/?sort=-name");
    await page.getByRole("searchbox", { name: "Search by name" }).fill("0004");
    await page.waitForURL("/?text=0004&sort=-name");
    await row("bmc-0003").waitFor({ state: "detached" });
    await page.goBack();
    await page.goBack();
    await page.waitForURL("/?state=deploying");
    await row("bmc-0001").waitFor({ state: "detached" });
  });

  it("says when it has lost the server, shows what it knew, and goes on by itself", async () => {
    await logIn();
    await seen.context.setOffline(true);
    await page.getByText("The server does not answer.").waitFor();
    await page.getByText(/What you see is \d+ s old/).waitFor();
    await row("bmc-0001").waitFor();
    await picture(page, "fleet-lost");
    await seen.context.setOffline(false);
    await page.getByText("The server does not answer.").waitFor({ state: "detached" });

    const lost = page.getByText("connection lost, trying again …").waitFor();
    await product.restart();
    await lost;
    await page.getByText("live", { exact: true }).waitFor();
    await product.addNode(product.bmc, {
      name: "late",
      bmc: { ...(nodeOf(product.bmc, product.lab).bmc as object), address: "https://10.0.7.21" },
    });
    await product.call("POST", "/v1/deployments", { node: "late", boot: { iso: { url: product.iso.url } } });
    await row("late").waitFor();
  });

  it("asks for the token again when the session has ended, and goes on at the same place", async () => {
    await logIn("/deployments");
    await seen.context.clearCookies();
    await page.getByText("Your session has ended.").waitFor();
    await picture(page, "session-ended");
    await page.getByLabel("Token").fill(product.trayload.admin.token);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Deployments" }).waitFor();
    await page.getByRole("row").filter({ hasText: "bmc-0003" }).first().waitFor();
    await assertAccessible(page);
    await picture(page, "deployments");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    await page.goto("/");
    await page.getByLabel("Token").waitFor();
  });

  it("tells why a deployment failed and what to do, and deploys again at a click", async () => {
    product.lab.bmcs[3]!.insertNothing();
    const { body } = await product.submit({ node: "bmc-0004" });
    assert.equal((await product.end(body.id)).state, "failed");
    await logIn(`/deployments/${body.id}`);
    const alert = page.getByRole("alert");
    await alert.getByText("insert-media", { exact: true }).waitFor();
    await picture(page, "deployment-failed");
    await assertAccessible(page);
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("link", { name: "retry of an earlier one" }).click();
    await page.getByRole("link", { name: "retried since" }).waitFor();
  });

  it("is used by keyboard alone", async () => {
    await logIn();
    await row("bmc-0004").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const focused = () => page.evaluate("document.activeElement.id");
    assert.equal(await focused(), "content");
    await page.getByLabel("Choose bmc-0004").focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Deploy …" }).focus();
    await page.keyboard.press("Enter");
    await page.locator("[name=iso]:focus").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.match(await page.evaluate("document.activeElement.textContent"), /^Deploy/);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
