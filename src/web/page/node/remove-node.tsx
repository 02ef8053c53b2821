import { useState } from "preact/hooks";
import type { NodeAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";
import { go } from "../parts/place.tsx";
import { useServer } from "../parts/read.ts";
import { isWorking } from "../status.ts";

/** Takes a node out of the inventory. */
export function RemoveNode({ node }: { node: NodeAnswer }) {
  const server = useServer();
  const act = useAct();
  const [isAsked, setIsAsked] = useState(false);
  const remove = async () => {
    if (await act.run(() => server.remove(`/v1/nodes/${node.id}`))) go("/");
  };
  return (
    <>
      <button
        type="button"
        class="danger"
        disabled={act.isBusy || isWorking(node)}
        onClick={() => setIsAsked(true)}
      >
        Remove …
      </button>
      {act.error !== undefined && <Problem error={act.error} />}
      {isAsked && (
        <Confirm
          title={`Remove ${node.name}`}
          action="Remove it"
          isDangerous
          onConfirm={() => void remove()}
          onClose={() => setIsAsked(false)}
        >
          <p>
            Trayload forgets the machine and its BMC's password. What runs on it is not touched; its past
            deployments stay.
          </p>
        </Confirm>
      )}
    </>
  );
}
