import { SelectField, TextField } from "../parts/field.tsx";
import type { Kind } from "./request.ts";

const FINISHES = {
  "": "as usual: the machine has booted from the disc",
  "powered-on": "the machine is on",
  "os-running": "the BMC says that the operating system runs",
  "powered-off": "the installer has switched the machine off",
  callback: "the installer has called back",
};
const EJECTS = {
  "": "as usual for that",
  "when-booted": "the system has booted, and runs from memory",
  "on-reboot": "the machine comes back from a reboot",
  "on-callback": "the call-back comes",
  "at-end": "the deployment ends",
  never: "somebody asks for it",
};
const BOOT_MODES = { "": "as the node has it", uefi: "UEFI", bios: "BIOS" };
const SECURE_BOOTS = { "": "left as it is", required: "required", forbidden: "forbidden" };
const POWERS = { "": "on", off: "off" };

/** When it has succeeded, and what few deployments need. */
export function MoreFields({ kind, isOfMany = false }: { kind: Kind; isOfMany?: boolean }) {
  return (
    <>
      {kind !== "write" && <SelectField name="finish" label="It has succeeded when" options={FINISHES} />}
      <details>
        <summary>More</summary>
        {kind !== "write" && (
          <SelectField name="eject" label="The disc leaves the slot when" options={EJECTS} />
        )}
        <div class="pair">
          <SelectField name="bootMode" label="Boot mode" options={BOOT_MODES} />
          <SelectField name="secureBoot" label="Secure Boot" options={SECURE_BOOTS} />
        </div>
        <div class="pair">
          <SelectField name="power" label="Power at the end" options={POWERS} />
          <TextField
            name="timeoutMinutes"
            label="Time limit"
            note="minutes"
            type="number"
            min={1}
            max={10_080}
          />
        </div>
        <TextField name="labels" label="Labels of the deployment" placeholder="wave=1" />
        {kind !== "write" && (
          <label class="check">
            <input name="persistent" type="checkbox" /> Boot from the disc every time, not once
          </label>
        )}
        {!isOfMany && (
          <label class="check">
            <input name="queue" type="checkbox" /> Wait for a node that is busy
          </label>
        )}
      </details>
    </>
  );
}
