import { type Answer, refuse } from "../answer.ts";
import type { Drive, Insert } from "../drives.ts";
import type { MediaProfile, Profile } from "../profile.ts";
import { propertiesOf } from "./face.ts";

/** The parameters of InsertMedia (VirtualMedia 1.6); those of a PATCH are a subset. */
const PARAMETERS = [
  "Image",
  "Inserted",
  "WriteProtected",
  "UserName",
  "Password",
  "TransferMethod",
  "TransferProtocolType",
  "MediaType",
];

export function isInsert(wanted: Insert | Answer): wanted is Insert {
  return "url" in wanted;
}

/** Reads an insert as the profile wants it; a refusal tells the first thing that is wrong with it. */
export function checkInsert({ media }: Profile, drive: Drive, body: unknown): Insert | Answer {
  const given = propertiesOf(body);
  if (given === undefined) return refuse(400, "MalformedJSON", "The request body is no JSON object.");
  const prefix = media.insertBy === "action" ? "ActionParameter" : "Property";
  for (const name of Object.keys(given))
    if (!PARAMETERS.includes(name) || media.refused.includes(name))
      return refuse(400, `${prefix}Unknown`, `${name} is not a parameter that is known here.`, [name]);
  for (const name of ["Image", ...media.required])
    if (given[name] === undefined) return missing(media, prefix, name);
  const url = given["Image"];
  const fault = typeof url === "string" ? faultOf(url, media) : "is no string";
  if (typeof url !== "string" || fault !== null)
    return refuse(400, `${prefix}ValueFormatError`, `The value of Image ${fault}.`, ["Image"]);
  if (drive.inserted && media.whenInserted === "refuse")
    return refuse(400, "ResourceInUse", "Media are inserted already.", ["Image"]);
  return {
    url,
    inserted: given["Inserted"] !== false,
    writeProtected: given["WriteProtected"] !== false,
    userName: typeof given["UserName"] === "string" ? given["UserName"] : null,
  };
}

function missing({ missingToldBy }: MediaProfile, prefix: string, name: string): Answer {
  if (missingToldBy === "id") return refuse(400, `${prefix}Missing`, `${name} is missing.`, [name]);
  return refuse(
    400,
    "GeneralError",
    `'${name}' property which is mandatory to complete the action is missing.`,
  );
}

function faultOf(url: string, { url: rules }: MediaProfile): string | null {
  if (!URL.canParse(url)) return "is no URL";
  const scheme = new URL(url).protocol.slice(0, -1);
  if (!rules.schemes.includes(scheme)) return `has the scheme ${scheme}, which is not supported`;
  if (rules.maxLength !== null && url.length > rules.maxLength) return `is longer than ${rules.maxLength}`;
  const found = rules.forbidden.find((part) => url.includes(part));
  return found === undefined ? null : `contains ${found}`;
}
