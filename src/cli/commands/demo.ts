import type { Command } from "commander";
import type { Shell } from "../shell.ts";
import { parseCount } from "../words.ts";
import { loadLab } from "./simulate.ts";

const NOTES = `
Nothing outside this process is touched: BMCs, server and image listen on loopback, and what is kept lies in a
temporary folder that goes with the demo.

Examples:
  trayload demo
  trayload demo --keep              go on until Ctrl-C, for a look at the API with the token that is shown
  trayload demo --profile sushy     a BMC with other habits; trayload simulate --help lists them`;

export interface DemoOptions {
  profile: string;
  imageMib: number;
  keep?: boolean;
}

export function addDemoCommand(program: Command, shell: Shell): void {
  program
    .command("demo")
    .description("deploy a simulated machine, start to end, in this process")
    .option("--profile <name>", "how the BMC behaves", "generic")
    .option("--image-mib <count>", "size of the ISO", parseCount(1, 4096), 48)
    .option("--keep", "keep it running when the deployment is over")
    .addHelpText("after", NOTES)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await loadLab(() => import("../demo/run.ts"));
      await runDemo(shell, options);
    });
}
