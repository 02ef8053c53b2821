import { Field, TextField } from "../parts/field.tsx";
import type { OwnFile } from "./request.ts";

interface OwnFieldsProps {
  files: readonly OwnFile[];
  onFiles: (files: readonly OwnFile[]) => void;
}

/** What is the node's own on its disc: kernel arguments, documents and files, laid over the image without copying it. */
export function OwnFields({ files, onFiles }: OwnFieldsProps) {
  return (
    <details>
      <summary>Kernel arguments, answers for the installer, files</summary>
      <TextField name="kernelArgs" label="Kernel arguments" note="appended" placeholder="console=ttyS0" />
      <Document
        name="userData"
        label="User data"
        note="kickstart, preseed, AutoYaST, Ignition, cloud-init …"
      />
      <Document name="metaData" label="Meta data" note="of cloud-init" />
      <Document name="networkData" label="Network data" note="network_data.json of OpenStack" />
      <TextField name="discLabel" label="Label of the disc" note="chosen by what reads it unless given" />
      <Files files={files} onFiles={onFiles} />
    </details>
  );
}

function Document({ name, label, note }: { name: string; label: string; note: string }) {
  return (
    <Field label={label} note={note}>
      <textarea name={name} class="mono" rows={3} spellcheck={false} />
    </Field>
  );
}

function Files({ files, onFiles }: OwnFieldsProps) {
  const add = async (input: HTMLInputElement) => {
    const chosen = await Promise.all([...(input.files ?? [])].map(readFile));
    input.value = "";
    onFiles([...files, ...chosen]);
  };
  const rename = (at: number, path: string) =>
    onFiles(files.map((file, index) => (index === at ? { ...file, path } : file)));
  return (
    <>
      <Field label="Files" note="put onto the disc">
        <input type="file" multiple onChange={(event) => void add(event.currentTarget)} />
      </Field>
      {files.map(({ path }, at) => (
        <div key={at} class="row">
          <input
            type="text"
            aria-label="Path on the disc"
            value={path}
            onInput={(event) => rename(at, event.currentTarget.value)}
          />
          <button type="button" onClick={() => onFiles(files.filter((_, index) => index !== at))}>
            Leave out
          </button>
        </div>
      ))}
    </>
  );
}

async function readFile(file: File): Promise<OwnFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return { path: `/${file.name}`, contentBase64: btoa(text) };
}
