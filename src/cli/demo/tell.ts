import { showDuration } from "../../client/index.ts";
import type { SimulatedBmc } from "../../../test/bmc-simulator/index.ts";
import { EXIT, type Exit } from "../exit.ts";
import type { Shell } from "../shell.ts";
import type { Stage } from "./stage.ts";

/** Tells the story to people; scripts get the events. */
export function say(shell: Shell, ...lines: string[]): void {
  if (!shell.isJson) shell.print(...lines);
}

/** What the lab knows and Trayload cannot see. A success that the machine knows nothing of is none. */
export function tellTruth(shell: Shell, bmc: SimulatedBmc): void {
  const { bootedFrom, power } = bmc;
  if (bootedFrom?.from !== "disc" || bootedFrom.volumeLabel !== "DEMO") {
    shell.note(`The machine itself did not boot the disc: ${bmc.lastError ?? "it says nothing"}.`);
    return shell.exit(EXIT.failed);
  }
  const slot = bmc.slot().image === null ? "empty" : "full";
  say(
    shell,
    "",
    `The machine itself says: booted volume ${bootedFrom.volumeLabel} from ${bootedFrom.url}`,
    `  power ${power}, slot ${slot}, ${bmc.requests.length} Redfish requests in all`,
  );
}

const ENDS: Partial<Record<Exit, string>> = {
  [EXIT.succeeded]: "succeeded",
  [EXIT.interrupted]: "was stopped",
};

export function tellEnd(shell: Shell, startedMs: number): void {
  const took = showDuration(shell.terminal.nowMs() - startedMs);
  say(shell, "", `The demo ${ENDS[shell.status] ?? "failed"} after ${took}.`);
}

export function tellNext(shell: Shell): void {
  if (shell.status !== EXIT.succeeded) return;
  say(
    shell,
    "",
    "Next:",
    "  npx trayload demo --keep                the same, and then a look at it with curl or a browser",
    "  npx trayload serve                      a server that stays; in another terminal:",
    "  npx trayload simulate --count 3         BMCs to try it on, or your own:",
    "  npx trayload node add rack1-u07 --bmc https://10.0.7.21 --username root",
    "  npx trayload deploy --node rack1-u07 --iso https://images.example/installer.iso --watch",
  );
}

/** How to look at what stays. The token goes with the demo. */
export function tellWhere(shell: Shell, { trayload, lab, folder }: Stage): void {
  const { apiUrl, admin } = trayload;
  if (shell.isJson) return shell.showLine({ apiUrl, token: admin.token, controlUrl: lab.controlUrl });
  shell.print(
    "",
    "It stays until Ctrl-C. In another terminal:",
    `  export TRAYLOAD_URL=${apiUrl} TRAYLOAD_TOKEN=${admin.token}`,
    "  npx trayload node list",
    "  npx trayload deployment show rack1-u01",
    `  curl -H "Authorization: Bearer $TRAYLOAD_TOKEN" $TRAYLOAD_URL/v1/deployments`,
    `  ${apiUrl}/docs describes the API; ${lab.controlUrl} steers the lab; ${folder} goes with the demo`,
  );
}
