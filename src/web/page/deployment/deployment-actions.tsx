import { useState } from "preact/hooks";
import type { DeploymentAnswer } from "../../../client/index.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";
import { go } from "../parts/place.tsx";
import { useServer } from "../parts/read.ts";

/** Cancel while it runs; retry once it has failed or was cancelled. */
export function DeploymentActions({
  deployment,
  onChange,
}: {
  deployment: DeploymentAnswer;
  onChange: () => void;
}) {
  const server = useServer();
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
      {!final && (
        <button type="button" disabled={cancelRequested !== null} onClick={() => setIsAsked(true)}>
          {cancelRequested === null ? "Cancel …" : "Cancelling …"}
        </button>
      )}
      {(state === "failed" || state === "cancelled") && (
        <button type="button" class="primary" onClick={retry}>
          Retry
        </button>
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
