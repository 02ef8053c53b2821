import { z } from "zod";

/** What an installer says of itself. */
export interface CallbackReport {
  status: "started" | "progress" | "succeeded" | "failed";
  percent: number | null;
  message: string | null;
}

/** Why a body could not be read, for whoever wrote the installer's script. */
export interface UnreadBody {
  code: "callback-type-unsupported" | "callback-invalid";
  detail: string;
}

/** More of a message than this is for the installer's own log. */
const MESSAGE_CHARACTERS = 1_000;

const REPORT = z.object({
  status: z.enum(["started", "progress", "succeeded", "failed"], {
    error: "status must be started, progress, succeeded or failed",
  }),
  percent: z
    .number({ error: "percent must be a number" })
    .min(0, { error: "percent must be 0 at least" })
    .max(100, { error: "percent must be 100 at most" })
    .nullable()
    .default(null),
  message: z.string({ error: "message must be text" }).transform(readable).nullable().default(null),
});

/**
 * Reads the body of a call-back: JSON, a form, or nothing, which says `succeeded`. Fields that are not known are passed
 * over, since an installer in the field cannot be changed in step with us.
 *
 * @param type the request's `Content-Type`
 */
export function readCallback(body: string, type: string | undefined): CallbackReport | UnreadBody {
  const text = body.trim();
  if (text === "") return { status: "succeeded", percent: null, message: null };
  const fields = readFields(text, (type ?? "").split(";")[0]!.trim().toLowerCase());
  if ("code" in fields) return fields;
  const report = REPORT.safeParse(fields.given);
  if (report.success) return report.data;
  return { code: "callback-invalid", detail: report.error.issues[0]!.message };
}

/** An object in braces is JSON whatever its type says: curl's `-d` calls everything a form. */
function readFields(text: string, type: string): { given: unknown } | UnreadBody {
  if (text.startsWith("{") || /^application\/(.+\+)?json$/.test(type)) {
    try {
      return { given: JSON.parse(text) as unknown };
    } catch {
      return { code: "callback-invalid", detail: "the body is not JSON" };
    }
  }
  if (type === "" || type === "application/x-www-form-urlencoded") return { given: readForm(text) };
  return {
    code: "callback-type-unsupported",
    detail: "the body must be application/json or application/x-www-form-urlencoded",
  };
}

function readForm(text: string): Record<string, unknown> {
  const { percent, ...rest } = Object.fromEntries(new URLSearchParams(text));
  return percent === undefined || percent.trim() === "" ? rest : { ...rest, percent: Number(percent) };
}

/** Without control characters, which must not reach a terminal or a log as they are. */
function readable(message: string): string {
  const plain = message.replaceAll(/\p{Cc}+/gu, " ").trim();
  return plain.length > MESSAGE_CHARACTERS ? `${plain.slice(0, MESSAGE_CHARACTERS - 1)}…` : plain;
}
