import assert from "node:assert/strict";
import { type AgentKeeper, type AgentVerdict, openAgentKeeper } from "./agent-keeper.ts";
import { choosePoints, LANES, LIMIT_MS } from "./bounds.ts";
import type { Moment } from "./deaths.ts";
import { type Lanes, openLanes } from "./lanes.ts";
import { AGENT_MOMENTS, MOMENTS } from "./moments.ts";

const COMMANDS = [
  "deploy.get_deploy_steps",
  "deploy.execute_deploy_step",
  "standby.get_partition_uuids",
  "image.install_bootloader",
  "standby.sync",
];

/** Of commands and their announcements there are so few that all are tried. */
const POINTS: Partial<Record<Moment, number>> = { "before-commit": 4, "after-commit": 4 };

describe("one process that has an agent write a disk", function () {
  this.timeout(LIMIT_MS);
  let lanes: Lanes<AgentKeeper>;
  const counts = new Map<Moment, number>();
  before(async () => {
    lanes = await openLanes(LANES.agents, openAgentKeeper);
    await lanes.spread(AGENT_MOMENTS, async (keeper, moment) => {
      const begun = await keeper.begin();
      await keeper.server.arm({ moment, nth: Number.POSITIVE_INFINITY, signal: "SIGKILL" });
      judge("nobody died", await keeper.end(begun));
      counts.set(moment, await keeper.server.disarm());
    });
  });
  after(() => lanes?.stop());

  for (const moment of AGENT_MOMENTS)
    it(`and is killed ${MOMENTS[moment]} sends each command once and writes the disk once`, async () => {
      const points = choosePoints(counts.get(moment)!, POINTS[moment] ?? COMMANDS.length);
      assert.ok(points.length > 1, `${moment} came ${counts.get(moment)} times`);
      const deaths = await lanes.spread(points, async (keeper, nth) => {
        const begun = await keeper.begin();
        await keeper.server.arm({ moment, nth, signal: "SIGKILL" });
        const verdict = keeper.end(begun);
        await Promise.race([keeper.server.death, verdict]);
        await keeper.server.disarm();
        const hasDied = keeper.server.isDead;
        if (hasDied) await keeper.restart();
        judge(`killed ${MOMENTS[moment]}, the ${nth}th`, await verdict);
        return hasDied;
      });
      assert.ok(deaths.filter((hasDied) => hasDied).length > 1, "hardly anybody died");
    });
});

function judge(when: string, { events, ...verdict }: AgentVerdict): void {
  const wanted = {
    state: "succeeded",
    clean: true,
    commands: COMMANDS,
    boots: ["disc", "disk"],
    imagesRead: 1,
  };
  assert.deepEqual(verdict, wanted, `${when}: ${JSON.stringify(events)}`);
}
