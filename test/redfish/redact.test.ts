import assert from "node:assert/strict";
import { redactBody, redactUrl, withSecretsOut } from "../../src/redfish/redact.ts";

describe("redact", () => {
  for (const [url, shown] of [
    ["http://10.0.0.1:8090/8f1d2c3b/boot.iso", "http://10.0.0.1:8090/…/boot.iso"],
    ["https://root:pw@images.example/a/b/x.iso?sig=1", "https://images.example/…/x.iso?…"],
    ["http://images.example/x.iso", "http://images.example/x.iso"],
    ["not a URL", "…"],
  ] as const)
    it(`shows ${url} as ${shown}`, () => assert.equal(redactUrl(url), shown));

  it("hides secrets by their names, at any depth, and leaves the rest", () =>
    assert.deepEqual(
      redactBody({
        UserName: "root",
        Password: "calvin",
        Inserted: true,
        Boot: { Token: "t", BootSourceOverrideTarget: "Cd" },
        Uris: ["nfs://server/secret/x.iso"],
        Secret: null,
      }),
      {
        UserName: "root",
        Password: "…",
        Inserted: true,
        Boot: { Token: "…", BootSourceOverrideTarget: "Cd" },
        Uris: ["nfs://server/…/x.iso"],
        Secret: null,
      },
    ));

  it("takes given secrets and URLs out of a text", () =>
    assert.equal(
      withSecretsOut('"calvin" could not read "http://h/s3cr3t/x.iso".', ["calvin", ""]),
      '"…" could not read "http://h/…/x.iso".',
    ));
});
