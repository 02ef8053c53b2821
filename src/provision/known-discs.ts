import type { Exposure, Exposures } from "../deploy/index.ts";

/**
 * Remembers discs and files for a moment: a BMC reads thousands of ranges in a row, and each would be a question to the database and
 * the opening of a seal. What is not found is asked for each time.
 *
 * @param knownMs for how long, in milliseconds
 */
export function rememberDiscs(exposures: Pick<Exposures, "find">, knownMs: number): Pick<Exposures, "find"> {
  const known = new Map<string, { found: Promise<Exposure | undefined>; atMs: number }>();

  function letOldGo(): void {
    // In the order in which they were asked for.
    for (const [secretHash, { atMs }] of known) {
      if (performance.now() - atMs < knownMs) return;
      known.delete(secretHash);
    }
  }

  return {
    find(secretHash) {
      letOldGo();
      const remembered = known.get(secretHash);
      if (remembered !== undefined) return remembered.found;
      const found = exposures.find(secretHash);
      known.set(secretHash, { found, atMs: performance.now() });
      const forget = () => known.delete(secretHash);
      found.then((exposure) => exposure?.kind === "disc" || exposure?.kind === "file" || forget(), forget);
      return found;
    },
  };
}
