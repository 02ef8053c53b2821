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
  const actions = isObject(owner) ? owner["Actions"] : undefined;
  const offered = isObject(actions) ? actions[action] : undefined;
  const inline = stringsAt(offered, `${parameter}@Redfish.AllowableValues`);
  const link = stringAt(offered, "@Redfish.ActionInfo");
  if (inline !== undefined || link === undefined) return inline;
  const info = await readOrMissing(sender, link);
  const parameters = isObject(info) ? [info["Parameters"]].flat() : [];
  return stringsAt(
    parameters.find((entry) => stringAt(entry, "Name") === parameter),
    "AllowableValues",
  );
}
