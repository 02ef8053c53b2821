import assert from "node:assert/strict";
import { StepError } from "../../src/deploy/errors.ts";
import { chooseProvisionUrl, type ProvisionSettings } from "../../src/deploy/provision-url.ts";

const settings = (changes: Partial<ProvisionSettings> = {}): ProvisionSettings => ({
  urls: [],
  bySite: new Map(),
  port: 8090,
  scheme: "http",
  ...changes,
});
const choice = {
  nodeUrl: null,
  site: null,
  bmcAddress: "https://192.0.2.7",
  localAddress: "192.0.2.1",
};

describe("provisioning URL", () => {
  it("is the node's own first, then the site's, then the general one", () => {
    const all = settings({
      urls: ["http://192.0.2.3:1"],
      bySite: new Map([["ams1", ["http://192.0.2.2:1"]]]),
    });
    const node = { ...choice, nodeUrl: "http://192.0.2.9:1/", site: "AMS1" };
    assert.equal(chooseProvisionUrl(all, node), "http://192.0.2.9:1");
    assert.equal(chooseProvisionUrl(all, { ...node, nodeUrl: null }), "http://192.0.2.2:1");
    assert.equal(chooseProvisionUrl(all, choice), "http://192.0.2.3:1");
  });

  it("is of the BMC's address family where several are given", () => {
    const both = settings({ urls: ["http://192.0.2.3:1", "http://[2001:db8::3]:1"] });
    const bmcAddress = "https://[2001:db8::7]";
    assert.equal(chooseProvisionUrl(both, { ...choice, bmcAddress }), "http://[2001:db8::3]:1");
  });

  it("is of a scheme that the BMC takes where several are given, before its address family", () => {
    const both = settings({ urls: ["https://192.0.2.3:1", "http://[2001:db8::3]:1", "http://192.0.2.3:2"] });
    assert.equal(chooseProvisionUrl(both, { ...choice, schemes: ["http"] }), "http://192.0.2.3:2");
    assert.equal(chooseProvisionUrl(both, choice), "https://192.0.2.3:1");
    const none = settings({ urls: ["https://192.0.2.3:1"] });
    assert.equal(chooseProvisionUrl(none, { ...choice, schemes: ["http"] }), "https://192.0.2.3:1");
  });

  it("is our address towards the BMC where none is given", () => {
    assert.equal(chooseProvisionUrl(settings(), choice), "http://192.0.2.1:8090");
    const v6 = { ...choice, localAddress: "2001:db8::1" };
    assert.equal(chooseProvisionUrl(settings(), v6), "http://[2001:db8::1]:8090");
  });

  for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
    it(`is refused as ${host} towards a BMC elsewhere`, () =>
      assert.throws(
        () => chooseProvisionUrl(settings({ urls: [`http://${host}:8090`] }), choice),
        (error) => error instanceof StepError && error.code === "provision-url-loopback",
      ));

  it("may be loopback for a BMC on loopback", () => {
    const local = { ...choice, bmcAddress: "http://127.0.0.1:8000", localAddress: "127.0.0.1" };
    assert.equal(chooseProvisionUrl(settings(), local), "http://127.0.0.1:8090");
  });
});
