import { useState } from "preact/hooks";
import { SelectField, TextField } from "../parts/field.tsx";
import type { Kind } from "./request.ts";

const KINDS: Record<Kind, string> = {
  iso: "Boot ISO",
  kernel: "Kernel and ramdisk",
  write: "Disk image, by the agent",
};

/** What is booted, of one kind or another. */
export function BootFields(props: { kind: Kind; onKind: (kind: Kind) => void; isoUrl: string }) {
  const { kind, onKind, isoUrl } = props;
  return (
    <>
      <fieldset class="kinds">
        <legend>What to boot</legend>
        {Object.entries(KINDS).map(([one, words]) => (
          <label key={one} class="check">
            <input type="radio" name="kind" checked={kind === one} onChange={() => onKind(one as Kind)} />
            {words}
          </label>
        ))}
      </fieldset>
      {kind === "iso" && <ImageFields role="iso" label="Boot ISO" example="installer.iso" initial={isoUrl} />}
      {kind === "kernel" && (
        <>
          <KernelFields isRequired />
          <ImageFields
            role="bootloader"
            label="Boot loader"
            note="the server's own unless given"
            example="esp.img"
          />
        </>
      )}
      {kind === "write" && <WriteFields />}
    </>
  );
}

interface ImageFieldsProps {
  role: string;
  label: string;
  example: string;
  note?: string;
  initial?: string;
  isRequired?: boolean;
}

function ImageFields({
  role,
  label,
  example,
  note,
  initial = "",
  isRequired = note === undefined,
}: ImageFieldsProps) {
  return (
    <>
      <TextField
        name={role}
        label={label}
        {...(note === undefined ? {} : { note })}
        inputMode="url"
        required={isRequired}
        placeholder={`https://images.example/${example}`}
        defaultValue={initial}
        autofocus={role === "iso"}
      />
      <TextField
        name={`${role}Checksum`}
        label={`Checksum of the ${label.toLowerCase().replace("iso", "ISO")}`}
        note={role === "iso" || role === "disk" ? "recommended: what is booted is then what you mean" : ""}
        placeholder="sha256:…"
      />
    </>
  );
}

function KernelFields({ isRequired }: { isRequired: boolean }) {
  return (
    <>
      <ImageFields role="kernel" label="Kernel" example="vmlinuz" isRequired={isRequired} />
      <ImageFields role="ramdisk" label="Ramdisk" example="initrd.img" isRequired={isRequired} />
    </>
  );
}

const IMAGE_KINDS = { "whole-disk": "a whole disk", partition: "the root partition alone" };

function WriteFields() {
  const [kind, setKind] = useState("whole-disk");
  return (
    <>
      <ImageFields role="disk" label="Disk image" example="debian-13.qcow2" />
      <div class="pair">
        <SelectField name="imageKind" label="It is" options={IMAGE_KINDS} onChange={setKind} />
        {kind === "partition" && (
          <TextField name="rootMiB" label="Size of the partition" note="MiB" type="number" min={1} required />
        )}
      </div>
      <TextField
        name="rootDevice"
        label="Which disk"
        note="by the agent's hints; else the node's, else the smallest"
        placeholder="serial=S4EVNX0"
      />
      <details>
        <summary>Agent of another kernel and ramdisk than the server's own</summary>
        <KernelFields isRequired={false} />
      </details>
    </>
  );
}
