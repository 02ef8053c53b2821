import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLIENT, type OidcProvider, startOidcProvider } from "../api/oidc-provider.ts";
import { type Product, startProduct } from "../product/fixture.ts";
import { needBrowser, picture, type Visit, visit } from "./browser.ts";

/** Cookies and redirects are the browser's to judge: the provider is another site here, as it mostly is. */
describe("a log-in by a provider, in a browser", () => {
  let folder: string;
  let provider: OidcProvider | undefined;
  let product: Product | undefined;
  let seen: Visit | undefined;

  before(async function () {
    needBrowser(this);
    folder = mkdtempSync(join(tmpdir(), "trayload-oidc-"));
    provider = await startOidcProvider("localhost");
    provider.asksPeople = true;
    const url = `http://127.0.0.1:${await findPort()}`;
    product = await startProduct({
      settings: {
        API_LISTEN: url.slice("http://".length),
        API_PUBLIC_URL: url,
        OIDC_ISSUER: provider.issuer,
        OIDC_CLIENT_ID: CLIENT.id,
        OIDC_CLIENT_SECRET_FILE: keep("secret", CLIENT.secret),
        OIDC_RULES_FILE: keep("rules.yaml", "- { claim: groups, value: lab, role: operator }"),
        OIDC_LABEL: "Example",
      },
    });
    seen = await visit(url);
  });
  after(async () => {
    await seen?.close();
    await product?.stop();
    await provider?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  function keep(name: string, content: string): string {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  }

  it("is refused with a word to whom no rule names, and lets in whom one does", async () => {
    const { page } = seen!;
    const goThere = async () => {
      await page.getByRole("link", { name: "Log in by Example" }).click();
      await page.getByRole("link", { name: "Yes, that is me" }).click();
    };
    await page.goto("/");
    await page.getByRole("link", { name: "Log in by Example" }).waitFor();
    await picture(page, "log-in-provider");
    provider!.person = { preferred_username: "bob" };
    await goThere();
    await page.getByText("The provider's log-in was refused.").waitFor();
    await picture(page, "log-in-refused");
    provider!.person = { preferred_username: "ann", groups: ["lab"] };
    await goThere();
    await page.getByRole("button", { name: "Log out" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Log out" }).waitFor();
    const session = await page.evaluate(
      async () => (await (await fetch("/v1/session")).json()) as { name: string; role: string },
    );
    assert.deepEqual([session.name, session.role], ["oidc:ann", "operator"]);
    assert.deepEqual(seen!.troubles, []);
  });
});

/** One that nobody listens on, since the provider must know the address before there is one. */
async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
