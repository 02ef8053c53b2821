import assert from "node:assert/strict";
import { isMessage, readExtendedInfo } from "../../src/redfish/extended-info.ts";

describe("extended info", () => {
  it("reads every entry of a list, not only the first", () => {
    const found = readExtendedInfo({
      error: {
        code: "Base.1.8.GeneralError",
        "@Message.ExtendedInfo": [
          { MessageId: "Base.1.8.GeneralError", Message: "A general error." },
          {
            MessageId: "Base.1.8.ActionParameterMissing",
            Message: "TransferProtocolType is missing.",
            MessageArgs: ["VirtualMedia.InsertMedia", "TransferProtocolType"],
            RelatedProperties: ["#/TransferProtocolType"],
          },
        ],
      },
    });
    assert.equal(found.length, 2);
    assert.ok(isMessage(found[1]!, "ActionParameterMissing"));
    assert.deepEqual(found[1]!.related, ["#/TransferProtocolType"]);
  });

  it("takes a single object where a list is due, as Dell iDRAC sends it", () => {
    const found = readExtendedInfo({ error: { "@Message.ExtendedInfo": { MessageId: "IDRAC.2.8.SYS446" } } });
    assert.deepEqual(
      found.map((message) => message.id),
      ["IDRAC.2.8.SYS446"],
    );
  });

  it("falls back to error.message where the entries hold no text, as sushy-tools does", () => {
    const found = readExtendedInfo({
      error: {
        code: "Base.1.0.GeneralError",
        message: "Unsupported target",
        "@Message.ExtendedInfo": [{ MessageId: "Base.1.0.GeneralError" }],
      },
    });
    assert.equal(found.at(-1)?.text, "Unsupported target");
  });

  it("finds nothing, and does not crash, in anything else", () => {
    for (const body of [
      undefined,
      null,
      "<html>",
      7,
      [],
      {},
      { error: null },
      { error: { "@Message.ExtendedInfo": [null, 3] } },
    ])
      assert.deepEqual(readExtendedInfo(body), []);
  });

  it("does not take a name for the end of another word", () => {
    const message = { id: "Base.1.0.NotSuccess", text: "", args: [], related: [] };
    assert.ok(!isMessage(message, "Success"));
  });
});
