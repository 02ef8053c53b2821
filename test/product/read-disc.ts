import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SimulatedBmc } from "../bmc-simulator/index.ts";
import { extractAll, makeFolder } from "../images/patch/fixture.ts";

/** Every file of the disc in a BMC's slot, read as the BMC reads it; `removeWritten` clears up. */
export async function readDisc(bmc: Pick<SimulatedBmc, "slot">): Promise<Record<string, Buffer>> {
  const folder = await makeFolder();
  const path = join(folder, "disc.iso");
  const response = await fetch(bmc.slot().image!);
  writeFileSync(path, Buffer.from(await response.arrayBuffer()));
  return extractAll(path, join(folder, "files"));
}
