import type { Capabilities } from "../../../client/index.ts";
import { Facts } from "../parts/facts.tsx";
import { nameBmc, showAge } from "../words.ts";

/** What the BMC can do, as far as a deployment cares, and by which rows it is treated. */
export function CapabilityReport({ found, nowMs }: { found: Capabilities | null; nowMs: number }) {
  return (
    <section aria-labelledby="capabilities">
      <h2 id="capabilities">What its BMC can do</h2>
      {found === null ? (
        <p class="quiet">Nobody has looked yet. A preflight does.</p>
      ) : (
        <>
          <Facts
            rows={[
              [
                "BMC",
                found.managers
                  .map(({ model, firmwareVersion }) => nameBmc(model, firmwareVersion))
                  .join(", ") || "—",
              ],
              ["Redfish", found.redfishVersion ?? "does not say"],
              ["Firmware of the machine", found.biosVersion ?? "does not say"],
              ["Boot targets", found.bootTargets?.join(", ") ?? "lists none; Cd is tried"],
              ["UEFI HTTP boot", byHttp(found)],
              ["Reset types", found.resetTypes?.join(", ") ?? "lists none; the standard's own are tried"],
              ["Boot progress", found.hasBootProgress ? "shown" : "not shown: os-running cannot be seen"],
            ]}
          />
          <h3>Slots</h3>
          <Slots {...found} />
          <h3>Quirks that apply</h3>
          <Quirks quirks={found.quirks} />
          <p class="hint">Seen {showAge(nowMs - Date.parse(found.at))} ago.</p>
        </>
      )}
    </section>
  );
}

function byHttp({ httpBoot, slots }: Capabilities): string {
  if (httpBoot == null) return "not offered";
  const isOnly = !slots.some(({ takesDisc }) => takesDisc);
  return isOnly ? "the way that a disc is booted" : "where no slot works";
}

function Slots({ slots, lack, preferred }: Capabilities) {
  if (slots.length === 0) return <p class="warn-text">{lack ?? "It lists none."}</p>;
  return (
    <ul class="slots">
      {slots.map(({ path, under, types, takesDisc, ways }) => (
        <li key={path} class={takesDisc ? "" : "quiet"}>
          <span class="mono wrap">{path}</span>
          <small>
            {types.join("/") || "of no named type"}, of the {under},{" "}
            {takesDisc ? `takes a disc by ${ways.join(", ") || "nothing that is known"}` : "takes no disc"}
            {preferred?.path === path && `; ${preferred.media} with ${preferred.boot} worked last`}
          </small>
        </li>
      ))}
    </ul>
  );
}

function Quirks({ quirks }: Pick<Capabilities, "quirks">) {
  if (quirks.length === 0) return <p class="quiet">None: it is treated as the standard says.</p>;
  return (
    <ul class="slots">
      {quirks.map(({ name, why }) => (
        <li key={name}>
          <b>{name}</b>
          <small>{why}</small>
        </li>
      ))}
    </ul>
  );
}
