import { NO_CONTENT, ok, refuse } from "../answer.ts";
import { type Exchange, type Face, propertiesOf, type Resource, type Resources } from "./face.ts";

const ONCE = "ServerBoot.1.BootOnce";
const FIRST = "ServerBoot.1.FirstBootDevice";

/**
 * An iDRAC's attributes, two of which lead the next boot to its virtual CD; used up by that boot.
 *
 * @param body as it reads before anything was changed
 */
export function addDellAttributes(
  resources: Resources,
  { host }: Face,
  path: string,
  body: Record<string, unknown>,
): void {
  let changed: Record<string, unknown> = {};
  const now = () => {
    const attributes = { ...propertiesOf(body["Attributes"]), ...changed };
    if (changed[FIRST] === "VCD-DVD" && !host.bootsDiscNext) attributes[FIRST] = "Normal";
    return attributes;
  };
  resources.set(path, {
    GET: () => ok({ ...body, Attributes: now() }),
    PATCH({ body: asked }) {
      const wanted = propertiesOf(propertiesOf(asked)?.["Attributes"]);
      if (wanted === undefined)
        return refuse(400, "PropertyMissing", "Attributes is missing.", ["Attributes"]);
      changed = { ...changed, ...wanted };
      host.bootsDiscNext = changed[ONCE] === "Enabled" && changed[FIRST] === "VCD-DVD";
      return NO_CONTENT;
    },
  });
}

/** HPE's switch of a slot: the next boot is from it. */
export function withNextReset(resource: Resource, { host }: Face, maker: string): Resource {
  const { GET: get } = resource;
  return {
    ...resource,
    async GET(exchange) {
      const answer = await get!(exchange);
      const oem = propertiesOf(answer.body?.["Oem"]) ?? {};
      const part = { ...propertiesOf(oem[maker]), BootOnNextServerReset: host.bootsDiscNext };
      return { ...answer, body: { ...answer.body, Oem: { ...oem, [maker]: part } } };
    },
    PATCH(exchange: Exchange) {
      const oem = propertiesOf(propertiesOf(exchange.body)?.["Oem"]);
      const wanted = propertiesOf(oem?.[maker])?.["BootOnNextServerReset"];
      if (typeof wanted === "boolean") {
        host.bootsDiscNext = wanted;
        return NO_CONTENT;
      }
      return resource.PATCH?.(exchange) ?? refuse(400, "PropertyNotWritable", "Nothing else can be written.");
    },
  };
}
