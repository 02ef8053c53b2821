import type { Sender } from "./client.ts";
import { isObject, readOrMissing, stringAt, stringsAt } from "./json.ts";

/**
 * The values that an action's parameter may have: inline, or by ActionInfo (DSP0266, "Action parameters").
 *
 * @param owner the resource that has the action
 * @returns undefined where none are listed
 */
export async function readAllowed(
  sender: Sender,
  owner: unknown,
  action: string,
  parameter: string,
): Promise<string[] | undefined> {
  const { values, path } = allowedIn(owner, action, parameter);
  return values === undefined && path !== undefined ? readAllowedAt(sender, path, parameter) : values;
}

/** The values that are listed inline, and where an ActionInfo is. */
export function allowedIn(
  owner: unknown,
  action: string,
  parameter: string,
): { values: string[] | undefined; path: string | undefined } {
  const actions = isObject(owner) ? owner["Actions"] : undefined;
  const offered = isObject(actions) ? actions[action] : undefined;
  return {
    values: stringsAt(offered, `${parameter}@Redfish.AllowableValues`),
    path: stringAt(offered, "@Redfish.ActionInfo"),
  };
}

/** The values that an ActionInfo lists. */
export async function readAllowedAt(
  sender: Sender,
  path: string,
  parameter: string,
): Promise<string[] | undefined> {
  const info = await readOrMissing(sender, path);
  const parameters = isObject(info) ? [info["Parameters"]].flat() : [];
  return stringsAt(
    parameters.find((entry) => stringAt(entry, "Name") === parameter),
    "AllowableValues",
  );
}
