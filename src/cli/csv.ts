/**
 * Reads comma-separated values (RFC 4180): quotes around a field that holds commas, quotes or line breaks, a quote doubled within
 * them. The first line names the columns; empty lines do not count.
 *
 * @throws Error that says in which line quotes do not fit
 */
export function parseCsv(text: string): Record<string, string>[] {
  const [head = [], ...rows] = readRows(text.replace(/^\uFEFF/, ""));
  const names = head.map((name) => name.trim());
  return rows.map((row, index) => {
    if (row.length > names.length)
      throw new Error(`line ${index + 2} has ${row.length} fields, and there are ${names.length} columns`);
    return Object.fromEntries(names.map((name, column) => [name, (row[column] ?? "").trim()]));
  });
}

function readRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // One field each: quoted or not, and what ends it.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const [, quoted, plain = "", end] = field.exec(text) ?? [];
    if (end === undefined)
      throw new Error(`line ${text.slice(0, at).split("\n").length} has quotes that do not fit`);
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") {
      if (field.lastIndex === text.length) row.push("");
      continue;
    }
    rows.push(row);
    row = [];
    if (end === "") break;
  }
  if (row.length > 0) rows.push(row);
  return rows.filter((one) => one.some((value) => value !== ""));
}

/** The same the other way round. */
export function showCsv(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return [names, ...rows].map((row) => `${row.map(shown).join(",")}\n`).join("");
}
