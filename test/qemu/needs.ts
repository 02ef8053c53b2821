import { missingForQemu } from "../bmc-simulator/qemu/tools.ts";
import { missingForMedia } from "../media/tools.ts";

/**
 * For a `before` hook: skips the suite where QEMU or the makers of boot media are not installed, and says which
 * packages would let it run. With CI=true nothing is skipped: what is missing fails the suite.
 */
export function needRealMachines(context: Mocha.Context): void {
  const missing = [...new Set([...missingForQemu(), ...missingForMedia()])];
  if (missing.length === 0) return;
  const remedy = `apt-get install --no-install-recommends ${missing.join(" ")}`;
  if (process.env["CI"] === "true") throw new Error(`real machines cannot be started; ${remedy}`);
  console.warn(`    skipped, as real machines cannot be started here: ${remedy}`);
  context.skip();
}
