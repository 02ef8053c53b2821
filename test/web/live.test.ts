import assert from "node:assert/strict";
import type { EventAnswer } from "../../src/client/index.ts";
import { follow } from "../../src/web/page/live.ts";
import { until } from "../until.ts";

/** A browser's EventSource as far as it is used, steered by the test. */
class FakeSource extends EventTarget {
  static opened: FakeSource[] = [];
  readonly url: string;
  isClosed = false;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.opened.push(this);
  }
  close() {
    this.isClosed = true;
  }
  say(type: string, data: unknown, lastEventId = "") {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }));
  }
}

function start(isLast?: (event: EventAnswer) => boolean) {
  FakeSource.opened = [];
  const told: string[] = [];
  const stop = follow("/v1/events", {
    EventSource: FakeSource as never,
    retryMs: 1,
    onEvent: ({ type }) => told.push(type),
    onProgress: ({ percent }) => told.push(`${percent} %`),
    onReset: () => told.push("reset"),
    onState: (state) => told.push(state),
    ...(isLast === undefined ? {} : { isLast }),
  });
  const newest = () => FakeSource.opened.at(-1)!;
  const reopened = async (count: number) => {
    await until(() => FakeSource.opened.length >= count);
  };
  return { told, stop, newest, reopened };
}

describe("the dashboard's live connection", () => {
  it("tells events and samples, and how it stands", () => {
    const { told, newest, stop } = start();
    newest().dispatchEvent(new Event("open"));
    newest().say("message", { type: "started" }, "7");
    newest().say("progress", { progress: { percent: 40 } });
    stop();
    assert.deepEqual(told, ["connecting", "live", "started", "40 %"]);
    assert.ok(newest().isClosed);
  });

  it("says when it is lost, and resumes behind the last event that it saw", async () => {
    const { told, newest, reopened, stop } = start();
    newest().say("message", { type: "started" }, "7");
    newest().dispatchEvent(new Event("error"));
    assert.ok(newest().isClosed);
    await reopened(2);
    newest().dispatchEvent(new Event("open"));
    stop();
    assert.equal(newest().url, "/v1/events?after=7");
    assert.deepEqual(told, ["connecting", "started", "lost", "live"]);
  });

  it("has everything read anew when events are gone, and begins at the first", async () => {
    const { told, newest, reopened, stop } = start();
    newest().say("message", { type: "started" }, "7");
    newest().say("reset", { after: 0 });
    newest().dispatchEvent(new Event("error"));
    await reopened(2);
    stop();
    assert.equal(newest().url, "/v1/events");
    assert.ok(told.includes("reset"));
  });

  it("is over after the last event, and asks no more", async () => {
    const { told, newest, stop } = start(({ type }) => type === "succeeded");
    newest().say("message", { type: "succeeded" }, "9");
    newest().dispatchEvent(new Event("error"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    stop();
    assert.equal(told.at(-1), "over");
    assert.equal(FakeSource.opened.length, 1);
  });
});
