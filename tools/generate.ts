import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeApi } from "../src/api/index.ts";
import { typesOf } from "./client-types.ts";

/** Where the client's types lie. */
export const TYPES_FILE = join(import.meta.dirname, "../src/client/schema.ts");

/** The text that the file must have. @throws Error when the formatter does not take it */
export function generateTypes(): string {
  const biome = join(import.meta.dirname, "../node_modules/.bin/biome");
  return execFileSync(biome, ["format", `--stdin-file-path=${TYPES_FILE}`], {
    input: typesOf(describeApi("")),
    encoding: "utf8",
  });
}

if (import.meta.main) writeFileSync(TYPES_FILE, generateTypes());
