import assert from "node:assert/strict";
import { checkRootDevice } from "../../src/agent/index.ts";

/** Tried on a real agent with one disk: what it took, and with what it broke or could never find a disk. */
describe("root device hints", () => {
  for (const hints of [
    { size: 10 },
    { size: ">= 5" },
    { size: ">=5" },
    { size: "= 5" },
    { size: "!= 100" },
    { model: "lab disk one" },
    { model: "<in> disk" },
    { model: "<in> lab <in> one" },
    { model: "<or> a <or> LAB DISK one" },
    { model: "<OR> lab disk one" },
    { model: "s!= x" },
    { model: "s>= a" },
    { model: "s==lab disk one" },
    { serial: "s== s2", vendor: "v", wwn: "<in> 5", tran: "nvme" },
    { wwn_with_extension: "0x5", wwn_vendor_extension: "0x6" },
    { by_path: "/dev/disk/by-path/pci-0000:00", hctl: "1:0:0:0", name: "/dev/sda" },
    { rotational: false },
    { rotational: "yes" },
    {},
  ])
    it(`takes ${JSON.stringify(hints)}`, () => assert.deepEqual(checkRootDevice(hints), []));

  for (const [hints, message] of [
    [{ size: "<or> 10 <or> 12" }, /cannot be compared by <or>; use one of = == != < <= > >=/],
    [{ size: "<in> 10" }, /cannot be compared by <in>/],
    [{ size: "<range-in> [ 5 20 ]" }, /cannot be compared by <range-in>/],
    [{ size: "s== 10" }, /cannot be compared by s==/],
    [{ size: "10 GB" }, /whole number of GiB/],
    [{ size: 0 }, /whole number of GiB above 0/],
    [{ size: 1.5 }, /whole number of GiB/],
    [{ size: true }, /must be a number of GiB/],
    [{ size: ">=" }, /has no value behind >=/],
    [{ model: "<all-in> lab disk" }, /cannot be compared by <all-in>/],
    [{ model: "!= x" }, /cannot be compared by !=/],
    [{ model: ">= 3" }, /cannot be compared by >=; use one of s==/],
    [{ model: "== lab disk one" }, /cannot be compared by ==/],
    [{ model: "s== " }, /has no value behind s==/],
    [{ model: "<or>" }, /has no value behind <or>/],
    [{ model: "<foo> x" }, /begins with <foo>, which is no operator/],
    [{ model: "  " }, /is empty/],
    [{ model: 5 }, /must be a text/],
    [{ model: "x".repeat(300) }, /longer than 255/],
    [{ rotational: "maybe" }, /must be true or false/],
    [{ rotational: 0 }, /must be true or false/],
    [{ colour: "red" }, /is no hint that agents know; they know size, rotational, model/],
    [{ toString: "x" }, /is no hint/],
  ] as const)
    it(`refuses ${JSON.stringify(hints).slice(0, 60)}`, () => {
      const [problem, ...others] = checkRootDevice(hints);

      assert.equal(problem?.hint, Object.keys(hints)[0]);
      assert.match(problem?.message ?? "", message);
      assert.deepEqual(others, []);
    });

  it("names each hint that is wrong", () => {
    const problems = checkRootDevice({ size: "big", model: "ok", tran: "" });
    assert.deepEqual(
      problems.map(({ hint }) => hint),
      ["size", "tran"],
    );
  });
});
