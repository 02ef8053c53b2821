/** How an entry is named: eleven characters without the dot, and the long name where that is not all. */
export interface FatName {
  short: string;
  long: string | null;
}

const PLAIN = /^[A-Z0-9_$~!#%&'()@^`{}-]+$/;

/** Gives the entries of one directory their names. In the order given. */
export function fatNames(names: readonly string[]): FatName[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = asShort(name.toUpperCase());
    if (plain !== null && !taken.has(plain)) {
      taken.add(plain);
      return { short: plain, long: name === name.toUpperCase() ? null : name };
    }
    for (let number = 1; ; number += 1) {
      const short = numbered(name, number);
      if (taken.has(short)) continue;
      taken.add(short);
      return { short, long: name };
    }
  });
}

/** The name as 8.3; null when it is none. */
function asShort(name: string): string | null {
  const [stem = "", extension = "", ...more] = name.split(".");
  const fits = stem.length >= 1 && stem.length <= 8 && extension.length <= 3 && more.length === 0;
  if (!fits || !PLAIN.test(stem + extension) || name.endsWith(".")) return null;
  return stem.padEnd(8) + extension.padEnd(3);
}

/** A short name made of a long one: `LONGNA~1EXT` (FAT specification, "The Basis-Name Generation Algorithm"). */
function numbered(name: string, number: number): string {
  const upper = name.toUpperCase();
  const dot = upper.lastIndexOf(".");
  const plain = (text: string): string => text.replaceAll(/[^A-Z0-9]/g, "");
  const extension = dot > 0 ? plain(upper.slice(dot + 1)).slice(0, 3) : "";
  const stem = plain(dot > 0 ? upper.slice(0, dot) : upper);
  const tail = `~${number}`;
  return (stem.slice(0, 8 - tail.length) + tail).padEnd(8) + extension.padEnd(3);
}
