import { statSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { Resealing } from "../database/index.ts";
import { createSecretBox, loadMasterKey, type SecretBox } from "../nodes/index.ts";
import type { Lifetime } from "./lifetime.ts";

/** How soon a changed key file is taken. */
const LOOK_MS = 500;
/** A process that had not read the new keys yet may have sealed under an old one since. */
const AGAIN_MS = 10 * 60_000;

/**
 * Reads the master keys, and reads them again when their file has changed, or when something turns up that was sealed under a
 * key that is not known: the process that sealed it may have read the file sooner.
 *
 * @throws NodeError `master-key-invalid`
 */
export function openMasterKeys(
  { masterKeyFile, dataDir }: Pick<Config, "masterKeyFile" | "dataDir">,
  log: Pick<Logger, "info" | "warn">,
  lifetime: Pick<Lifetime, "add">,
  lookMs = LOOK_MS,
): SecretBox {
  const file = masterKeyFile ?? join(dataDir, "master-key");
  let seen: string | undefined;
  const read = (): void => {
    const stamp = stampOf(file);
    if (stamp === seen) return;
    seen = stamp;
    try {
      secrets.renew(loadMasterKey(file, { create: false }));
      log.info({ file, seals: secrets.ids.seals }, "the master keys were read again");
    } catch (error) {
      log.warn({ file, error }, "the changed master keys cannot stand; those of before stay");
    }
  };
  const secrets = createSecretBox(loadMasterKey(file, { create: masterKeyFile === undefined }), () => read());
  seen = stampOf(file);
  const timer = setInterval(read, lookMs);
  timer.unref();
  lifetime.add("look at the master keys", () => clearInterval(timer));
  return secrets;
}

function stampOf(file: string): string {
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts === undefined ? "-" : `${facts.ino}.${facts.size}.${facts.mtimeMs}`;
}

/** Seals anew, at the start and whenever another key seals, what older keys have sealed. */
export function startResealing(
  resealing: Resealing,
  secrets: Pick<SecretBox, "ids">,
  log: Pick<Logger, "info" | "warn">,
  lifetime: Pick<Lifetime, "add">,
  lookMs = LOOK_MS,
): void {
  let isOver = false;
  let done: { seals: string; at: number } | undefined;
  let running = Promise.resolve();
  const run = async (): Promise<void> => {
    const { seals, all } = secrets.ids;
    if (seals === done?.seals && performance.now() - done.at < AGAIN_MS) return;
    // A single key has sealed everything there is.
    const { sealed, unreadable } =
      all.length === 1 ? { sealed: 0, unreadable: 0 } : await resealing.reseal(() => !isOver);
    done = { seals, at: performance.now() };
    if (sealed > 0) log.info({ key: seals, sealed }, "secrets at rest were sealed anew");
    if (unreadable > 0) log.warn({ unreadable }, "secrets at rest cannot be opened: their key is not there");
  };
  const look = (): void => {
    running = running
      .then(run)
      .catch((error: unknown) => log.warn({ error }, "secrets could not be sealed anew"));
  };
  look();
  const timer = setInterval(look, lookMs);
  timer.unref();
  lifetime.add("sealing anew", async () => {
    isOver = true;
    clearInterval(timer);
    await running;
  });
}
