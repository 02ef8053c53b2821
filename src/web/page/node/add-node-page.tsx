import { useState } from "preact/hooks";
import type { NodeAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { SelectField, TextField } from "../parts/field.tsx";
import { Problem } from "../parts/notice.tsx";
import { Link, useTitle } from "../parts/place.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { nodeInputOf } from "./node-input.ts";
import { Preflight } from "./preflight.tsx";

/** Asks for a machine, adds it, and looks at once whether it can be deployed. */
export function AddNodePage() {
  useTitle("Add a node");
  const may = useMay();
  const [node, setNode] = useState<NodeAnswer>();
  return (
    <>
      <p class="trail">
        <Link href="/">Fleet</Link>
      </p>
      <h1>Add a node</h1>
      {!may("POST /v1/nodes") ? (
        <p class="empty">Your token may not add nodes; an admin's may.</p>
      ) : node === undefined ? (
        <NodeForm onAdded={setNode} />
      ) : (
        <Added node={node} onMore={() => setNode(undefined)} />
      )}
    </>
  );
}

function NodeForm({ onAdded }: { onAdded: (node: NodeAnswer) => void }) {
  const server = useServer();
  const act = useAct();
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const input = nodeInputOf(new FormData(event.currentTarget as HTMLFormElement));
    void act.run(async () => onAdded(await server.post<NodeAnswer>("/v1/nodes", input)));
  };
  return (
    <form class="sheet" onSubmit={add}>
      <section aria-label="The machine and its BMC">
        <p class="hint">
          A node is one machine and how to reach its BMC. Nothing is sent to the BMC before its certificate
          has been judged.
        </p>
        <TextField name="name" label="Name" required placeholder="rack1-u07" />
        <TextField
          name="address"
          label="Address of the BMC"
          required
          inputMode="url"
          placeholder="https://10.0.7.21"
        />
        <div class="pair">
          <TextField name="username" label="User" required placeholder="root" />
          <TextField name="password" label="Password" type="password" required autocomplete="new-password" />
        </div>
        <details>
          <summary>More</summary>
          <More />
        </details>
        {act.error !== undefined && <Problem error={act.error} />}
        <div class="buttons">
          <Link href="/" class="button">
            Not now
          </Link>
          <button type="submit" class="primary" disabled={act.isBusy}>
            {act.isBusy ? "Adding …" : "Add and check it"}
          </button>
        </div>
      </section>
    </form>
  );
}

const ARCHES = { "": "x86_64", aarch64: "aarch64" };
const BOOT_MODES = { "": "as the machine has it", uefi: "UEFI", bios: "BIOS" };

function More() {
  return (
    <>
      <div class="pair">
        <SelectField name="arch" label="Architecture" options={ARCHES} />
        <SelectField name="bootMode" label="Boot mode" options={BOOT_MODES} />
      </div>
      <div class="pair">
        <TextField name="site" label="Site" placeholder="ams1" />
        <TextField name="rack" label="Rack" placeholder="r1" />
      </div>
      <TextField name="labels" label="Labels" placeholder="role=worker, row=1" />
      <TextField
        name="macs"
        label="MAC addresses"
        note="the agent is told by them"
        placeholder="52:54:00:12:34:56"
      />
      <TextField
        name="fingerprint"
        label="Fingerprint of the certificate"
        note="where you know it already"
        placeholder="sha256:…"
      />
      <TextField name="systemId" label="System" note="where the BMC has several" placeholder="1" />
      <TextField name="provisionUrl" label="Base URL for discs" note="where it differs for this BMC" />
      <label class="check">
        <input name="insecure" type="checkbox" /> Do not check the certificate: anybody on the way could read
        the password
      </label>
      <label class="check">
        <input name="protected" type="checkbox" /> Protected: refuses deployments, power-off and eject
      </label>
      <label class="check">
        <input name="maintenance" type="checkbox" /> Maintenance: kept out of campaigns and queues
      </label>
    </>
  );
}

function Added({ node, onMore }: { node: NodeAnswer; onMore: () => void }) {
  return (
    <div class="sheet">
      <p role="status">
        <strong>{node.name}</strong> is added. <Link href={`/nodes/${node.id}`}>Go to it</Link>, or{" "}
        <button type="button" class="link" onClick={onMore}>
          add another
        </button>
        .
      </p>
      <Preflight node={node} startsAtOnce />
    </div>
  );
}
