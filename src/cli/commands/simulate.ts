import type { Command } from "commander";
import type { SimulateOptions } from "../../../test/bmc-simulator/simulate.ts";
import { CommandError, EXIT } from "../exit.ts";
import type { Shell } from "../shell.ts";

/** @param isWanted its own words and the lab behind them are loaded only then */
export async function addSimulateCommand(program: Command, shell: Shell, isWanted: boolean): Promise<void> {
  if (!isWanted) {
    program.command("simulate").description("start simulated BMCs, to try Redfish clients on");
    return;
  }
  const { simulate, simulateCommand } = await loadLab(
    () => import("../../../test/bmc-simulator/simulate.ts"),
  );
  const command = simulateCommand().copyInheritedSettings(program);
  command.action(async (options: SimulateOptions) => {
    // The lab hears the first signal itself; the terminal's echo of it must not end the process meanwhile.
    const leave = shell.terminal.onInterrupt(() => undefined);
    try {
      await simulate(options);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new CommandError((error as Error).message, { exit: EXIT.failed, code, cause: error });
    } finally {
      leave();
    }
  });
  program.addCommand(command);
}

/**
 * The lab is part of the tests, which an installation may lack.
 *
 * @throws CommandError `lab-missing`
 */
export async function loadLab<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new CommandError("the simulated lab is not here", {
      exit: EXIT.failed,
      code: "lab-missing",
      hint: "It comes with Trayload's source; run this in a clone of the repository.",
      cause: error,
    });
  }
}
