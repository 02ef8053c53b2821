/** By what the agent chooses the disk that it writes: every hint must fit (ironic-python-agent, device_hints). */
export type RootDeviceHints = Record<string, string | number | boolean>;

/** What a hint compares: text, whole GiB, or whether the disk turns. */
export const ROOT_DEVICE_HINTS = {
  size: "number",
  rotational: "boolean",
  model: "text",
  vendor: "text",
  serial: "text",
  wwn: "text",
  wwn_with_extension: "text",
  wwn_vendor_extension: "text",
  name: "text",
  hctl: "text",
  by_path: "text",
  tran: "text",
} as const;

const OPERATORS = {
  text: ["s==", "s!=", "s<", "s<=", "s>", "s>=", "<in>", "<or>"],
  number: ["=", "==", "!=", "<", "<=", ">", ">="],
};
/** All that the agent takes for an operator; where one does not fit its hint, the agent breaks or finds no disk. */
const OPERATOR = /^(s[=!]=|s[<>]=?|<(?:all-in|range-in|in|or)>|[=!<>]=|[=<>])\s*/i;
const BOOLEANS = /^(?:1|0|t|f|true|false|y|n|yes|no|on|off)$/i;
const LONGEST = 255;

/**
 * Judges hints before a machine is booted for them: an agent would break at some, and find no disk by others, whatever
 * disks there are.
 *
 * @returns what is wrong, by hint; empty when nothing is
 */
export function checkRootDevice(
  hints: Readonly<Record<string, unknown>>,
): { hint: string; message: string }[] {
  return Object.entries(hints).flatMap(([hint, value]) => {
    const message = judge(hint, value);
    return message === undefined ? [] : [{ hint, message }];
  });
}

function judge(hint: string, value: unknown): string | undefined {
  if (!Object.hasOwn(ROOT_DEVICE_HINTS, hint))
    return `is no hint that agents know; they know ${Object.keys(ROOT_DEVICE_HINTS).join(", ")}`;
  const kind = ROOT_DEVICE_HINTS[hint as keyof typeof ROOT_DEVICE_HINTS];
  if (kind === "boolean")
    return typeof value === "boolean" || (typeof value === "string" && BOOLEANS.test(value))
      ? undefined
      : "must be true or false";
  if (kind === "number" && typeof value === "number") return judgeGibibytes(String(value));
  if (typeof value !== "string") return kind === "number" ? "must be a number of GiB" : "must be a text";
  return judgeExpression(value.trim(), kind);
}

function judgeExpression(expression: string, kind: "text" | "number"): string | undefined {
  if (expression === "") return "is empty";
  if (expression.length > LONGEST) return `is longer than ${LONGEST} characters`;
  const operator = OPERATOR.exec(expression)?.[1]?.toLowerCase();
  const bracketed = /^<[^>\s]*>/.exec(expression)?.[0];
  if (bracketed !== undefined && operator !== bracketed.toLowerCase())
    return `begins with ${bracketed}, which is no operator`;
  if (operator !== undefined && !OPERATORS[kind].includes(operator))
    return `cannot be compared by ${operator}; use one of ${OPERATORS[kind].join(" ")}`;
  const values = operator === undefined ? [expression] : valuesOf(expression, operator);
  if (values.includes("")) return `has no value behind ${operator}`;
  return kind === "number" ? values.map(judgeGibibytes).find(Boolean) : undefined;
}

/** `<or>` and `<in>` may come again before each further value. */
function valuesOf(expression: string, operator: string): string[] {
  const [, ...values] = expression.toLowerCase().split(operator);
  return values.map((value) => value.trim());
}

function judgeGibibytes(text: string): string | undefined {
  return /^0*[1-9]\d{0,8}$/.test(text) ? undefined : "must be a whole number of GiB above 0";
}
