import { readFileSync } from "node:fs";
import { parse, type YAMLParseError } from "yaml";
import type { Problem } from "./errors.ts";
import { OTHERS, PREFIX, SETTINGS, SITE_PREFIX } from "./settings.ts";
import { findNearest } from "./spelling.ts";

/** What was set, by name without prefix: the text, and how whoever set it knows it. */
export type Given = Map<string, { text: string; setting: string }>;

/** Everything that was set: the environment over the file that `TRAYLOAD_CONFIG` names. Unknown names are problems. */
export function gatherSettings(env: NodeJS.ProcessEnv, problems: Problem[]): Given {
  const given: Given = new Map();
  const file = env[`${PREFIX}CONFIG`];
  if (file) readSettingsFile(file, given, problems);
  for (const [setting, text] of Object.entries(env)) {
    if (!setting.startsWith(PREFIX) || text === undefined) continue;
    const name = setting.slice(PREFIX.length);
    if (!isKnown(name)) problems.push(unknown(setting, name, (nearest) => PREFIX + nearest));
    // An empty variable is how shells and compose files say "not set".
    else if (text !== "") given.set(name, { text, setting });
  }
  return given;
}

function readSettingsFile(file: string, given: Given, problems: Problem[]): void {
  const content = parseFile(file, problems);
  for (const [key, value] of Object.entries(content)) {
    const name = key.toUpperCase();
    const setting = `${key} (in ${file})`;
    const text = asText(value);
    if (!isKnown(name) || key !== key.toLowerCase()) {
      problems.push(unknown(setting, name, (nearest) => nearest.toLowerCase()));
    } else if (text === undefined)
      problems.push({ setting, message: "must be a text, a number, true, false or a list" });
    else given.set(name, { text, setting });
  }
}

function parseFile(file: string, problems: Problem[]): Record<string, unknown> {
  const setting = `${PREFIX}CONFIG`;
  try {
    const content: unknown = parse(readFileSync(file, "utf8")) ?? {};
    if (typeof content === "object" && !Array.isArray(content)) return content as Record<string, unknown>;
    problems.push({
      setting,
      message: `names ${file}, which must hold lines such as "api_listen: 127.0.0.1:8080"`,
    });
  } catch (error) {
    // A parser's message would quote the line, which may hold a password.
    const why = (error as NodeJS.ErrnoException | YAMLParseError).code;
    problems.push({ setting, message: `names ${file}, which cannot be read (${why})` });
  }
  return {};
}

function asText(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const parts = value.map(asText);
    return parts.includes(undefined) ? undefined : parts.join(",");
  }
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
}

function isKnown(name: string): boolean {
  return name in SETTINGS || OTHERS.includes(name) || /^PROVISION_URL_[A-Z0-9_]+$/.test(name);
}

function unknown(setting: string, name: string, spell: (nearest: string) => string): Problem {
  const nearest = findNearest(name.toUpperCase(), [...Object.keys(SETTINGS), `${SITE_PREFIX}<SITE>`]);
  const guess = nearest === undefined ? "remove it" : `did you mean ${spell(nearest)}?`;
  return { setting, message: `is not a setting: ${guess}` };
}
