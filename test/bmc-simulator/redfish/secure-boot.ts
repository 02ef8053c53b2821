import { NO_CONTENT, ok, refuse } from "../answer.ts";
import { type Face, propertiesOf, type Resource } from "./face.ts";

/**
 * Secure Boot as SecureBoot 1.1 has it: what is set counts from the next boot on.
 *
 * @param body as it reads before anything was changed
 */
export function secureBootResource({ host }: Pick<Face, "host">, body: Record<string, unknown>): Resource {
  return {
    GET: () =>
      ok({
        ...body,
        SecureBootEnable: host.secureBoot.isEnabled,
        SecureBootCurrentBoot: host.secureBoot.isActive ? "Enabled" : "Disabled",
      }),
    PATCH({ body: asked }) {
      const { SecureBootEnable: wanted, ...others } = propertiesOf(asked) ?? {};
      const [other] = Object.keys(others);
      if (other !== undefined || typeof wanted !== "boolean")
        return refuse(400, "PropertyNotWritable", `${other ?? "SecureBootEnable"} cannot be so.`);
      host.secureBoot.isEnabled = wanted;
      return NO_CONTENT;
    },
  };
}
