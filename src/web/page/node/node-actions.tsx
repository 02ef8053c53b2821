import { useState } from "preact/hooks";
import type { NodeAnswer } from "../../../client/index.ts";
import { DeployDialog } from "../fleet/deploy-dialog.tsx";
import { go } from "../parts/place.tsx";
import { useMay } from "../parts/session.ts";
import { isWorking } from "../status.ts";
import { MachineActions } from "./machine-actions.tsx";
import { RemoveNode } from "./remove-node.tsx";

/** Deploy, power, eject and remove. While a deployment runs, most of them are its own business. */
export function NodeActions({ node, onChange }: { node: NodeAnswer; onChange: () => void }) {
  const may = useMay();
  const [isAsked, setIsAsked] = useState(false);
  return (
    <div class="actions">
      {may("POST /v1/deployments") && (
        <button
          type="button"
          class="primary"
          disabled={node.protected}
          title={node.protected ? "It is protected" : ""}
          onClick={() => setIsAsked(true)}
        >
          Deploy …
        </button>
      )}
      <MachineActions node={node} isHeld={isWorking(node)} onChange={onChange} />
      {may("DELETE /v1/nodes/{id}") && <RemoveNode node={node} />}
      {isAsked && (
        <DeployDialog
          nodes={[node]}
          onClose={() => setIsAsked(false)}
          onAllAccepted={({ id }) => go(`/deployments/${id}`)}
        />
      )}
    </div>
  );
}
