import type { Parts } from "../parts.ts";
import type { Step } from "../step.ts";
import { bootFromDisc } from "./boot-from-disc.ts";
import { bootFromDisk } from "./boot-from-disk.ts";
import { checkRequest } from "./check-request.ts";
import { cleanUp } from "./clean-up.ts";
import { ejectWhenDue, recallDisc } from "./eject-when-due.ts";
import { getSteps } from "./get-steps.ts";
import { insertMedia } from "./insert-media.ts";
import { installBootloader } from "./install-bootloader.ts";
import { keepInventory } from "./keep-inventory.ts";
import { openBmc } from "./open-bmc.ts";
import { ejectMedia, preflight, setPower } from "./operations.ts";
import { powerOff } from "./power-off.ts";
import { insertSecondDisc } from "./second-disc.ts";
import { publishDisc } from "./publish-disc.ts";
import { publishImage } from "./publish-image.ts";
import { resetBmc } from "./reset-bmc.ts";
import { runAgentStep } from "./run-agent-step.ts";
import { tearDown } from "./tear-down.ts";
import { waitForAgent } from "./wait-for-agent.ts";
import { setSecureBoot } from "./set-secure-boot.ts";
import { tryCanary } from "./try-canary.ts";
import { waitForFinish } from "./wait-for-finish.ts";

/** All steps that any plan may name. */
export function createSteps(parts: Parts): ReadonlyMap<string, Step> {
  const make = [
    checkRequest,
    openBmc,
    publishDisc,
    publishImage,
    powerOff,
    insertMedia,
    insertSecondDisc,
    bootFromDisc,
    waitForAgent,
    getSteps,
    installBootloader,
    runAgentStep,
    keepInventory,
    tearDown,
    bootFromDisk,
    waitForFinish,
    cleanUp,
    setPower,
    ejectMedia,
    preflight,
    tryCanary,
    resetBmc,
    setSecureBoot,
    recallDisc,
    ejectWhenDue,
  ];
  return new Map(make.map((create) => create(parts)).map((step) => [step.name, step]));
}
