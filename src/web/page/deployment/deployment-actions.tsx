import { useState } from "preact/hooks";
import type { DeploymentAnswer } from "../../../client/index.ts";
import { MachineActions } from "../node/machine-actions.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { Menu } from "../parts/menu.tsx";
import { Problem } from "../parts/notice.tsx";
import { go } from "../parts/place.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";

/** Cancel while it runs; retry once it has failed or was cancelled. */
export function DeploymentActions({
  deployment,
  onChange,
}: {
  deployment: DeploymentAnswer;
  onChange: () => void;
}) {
  const server = useServer();
  const may = useMay();
  const [isAsked, setIsAsked] = useState(false);
  const [error, setError] = useState<Error>();
  const { id, node, final, state, cancelRequested } = deployment;
  const cancel = () => void server.post(`/v1/deployments/${id}/cancel`, {}).then(onChange, setError);
  const retry = () =>
    void server
      .post<DeploymentAnswer>(`/v1/deployments/${id}/retry`, {})
      .then((retried) => go(`/deployments/${retried.id}`), setError);
  return (
    <div class="actions">
      {!final && may("POST /v1/deployments/{id}/cancel") && (
        <button type="button" disabled={cancelRequested !== null} onClick={() => setIsAsked(true)}>
          {cancelRequested === null ? "Cancel …" : "Cancelling …"}
        </button>
      )}
      {(state === "failed" || state === "cancelled") && may("POST /v1/deployments/{id}/retry") && (
        <button type="button" class="primary" onClick={retry}>
          Retry
        </button>
      )}
      {may("GET /v1/deployments/{id}/dossier") && (
        <a class="button" href={`/v1/deployments/${id}/dossier`} download={`${id}.tar.gz`}>
          Dossier
        </a>
      )}
      {may("POST /v1/nodes/{id}/power") && (
        <Menu label="Machine">
          {!final && <p class="hint">While it is deployed, its power and disc are the deployment's.</p>}
          <MachineActions node={node} isHeld={!final} onChange={onChange} />
        </Menu>
      )}
      {error !== undefined && <Problem error={error} />}
      {isAsked && (
        <Confirm
          title={`Cancel the deployment of ${node.name}`}
          action="Cancel it"
          isDangerous
          onConfirm={cancel}
          onClose={() => setIsAsked(false)}
        >
          <p>It ends after the current step, and the disc is ejected. What the installer wrote stays.</p>
        </Confirm>
      )}
    </div>
  );
}
