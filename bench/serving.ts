import { readConfig } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import { openGround } from "../src/start/ground.ts";
import { createLifetime } from "../src/start/lifetime.ts";
import { startProvision } from "../src/start/listeners.ts";
import type { ExposedDisc } from "../src/deploy/index.ts";
import type { DiscReads } from "../src/images/index.ts";
import { answerParent } from "./peer.ts";

/** What a process that serves a disc answers: the provisioning listener as every server has it, and what it stands on. */
export type ServingAnswers = typeof answers;

export interface ServingPlan {
  /** With the images below it. */
  dataDir: string;
  /** 0 takes a free one; another is shared with who listens there already. */
  port: number;
  exposure: ExposedDisc;
}

const log = createLog({ level: "warn" });
const lifetime = createLifetime(log);
let load: () => Promise<DiscReads | undefined> = async () => undefined;

const answers = {
  async start({ dataDir, port, exposure }: ServingPlan): Promise<{ url: string; port: number }> {
    const { provision, ...config } = readConfig({}, settingsOf(dataDir, port));
    const ground = await openGround({ ...config, provision }, log, lifetime);
    await ground.exposures.publish(exposure);
    load = () => ground.database.readCounts.load(exposure.disc.id);
    // Only servers of one PostgreSQL may share a port; here each has a database of its own with the same disc in it.
    return startProvision({ ...config, provision: { ...provision, isShared: true } }, ground, log, lifetime);
  },

  /** What was counted of the disc so far. */
  reads: (): Promise<DiscReads | undefined> => load(),
};

function settingsOf(dataDir: string, port: number): Record<string, string> {
  return {
    TRAYLOAD_DATA_DIR: dataDir,
    TRAYLOAD_PROVISION_LISTEN: `127.0.0.1:${port}`,
  };
}

answerParent(answers, () => lifetime.stop());
