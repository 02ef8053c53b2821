/** Files by the names of the directories they are in, in the order in which they were given. */
export type Nested<F> = Map<string, Nested<F> | F>;

/**
 * Sorts files by their absolute paths into directories.
 *
 * @throws RangeError when a path comes twice, or is that of a file and of a directory
 */
export function nest<F extends { path: string }>(files: readonly F[]): Nested<F> {
  const root: Nested<F> = new Map();
  for (const file of files) {
    const names = file.path.split("/").filter((name) => name !== "");
    const last = names.pop();
    let at = root;
    for (const name of names) {
      const known: Nested<F> | F = at.get(name) ?? new Map();
      if (!(known instanceof Map)) throw new RangeError(`${file.path} lies below a file`);
      at.set(name, known);
      at = known;
    }
    if (last === undefined || at.has(last)) throw new RangeError(`${file.path} comes twice`);
    at.set(last, file);
  }
  return root;
}
