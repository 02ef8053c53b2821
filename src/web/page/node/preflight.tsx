import { useState } from "preact/hooks";
import type { Finding, NodeAnswer, OperationAnswer } from "../../../client/index.ts";
import { FailureBox } from "../deployment/boxes.tsx";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";

const MARKS = { pass: "✓", warn: "!", fail: "✗", skip: "–" };

/** Asks whether the node could be deployed; nothing is changed by it. */
export function Preflight({ node }: { node: NodeAnswer }) {
  const server = useServer();
  const [isBusy, setIsBusy] = useState(false);
  const [answer, setAnswer] = useState<OperationAnswer>();
  const [error, setError] = useState<Error>();
  const check = () => {
    setIsBusy(true);
    setError(undefined);
    server
      .post<OperationAnswer>(`/v1/nodes/${node.id}/preflight?waitMs=60000`, {})
      .then(setAnswer, setError)
      .finally(() => setIsBusy(false));
  };
  const findings = Array.isArray(answer?.result) ? (answer.result as Finding[]) : [];
  return (
    <section aria-labelledby="preflight">
      <h2 id="preflight">Preflight</h2>
      <p>
        <button type="button" disabled={isBusy} onClick={check}>
          {isBusy ? "Looking at the BMC …" : "Check whether it can be deployed"}
        </button>
      </p>
      {error !== undefined && <Problem error={error} />}
      {answer?.error != null && <FailureBox failure={answer.error} />}
      {answer?.final === false && <p role="status">It takes longer than a minute; check again later.</p>}
      <ul class="findings" aria-live="polite">
        {findings.map(({ check: name, outcome, detail, hint }) => (
          <li key={name} class={`finding finding-${outcome}`}>
            <span class="mark" aria-label={outcome}>
              {MARKS[outcome]}
            </span>
            <span>
              <b>{name}</b> {detail}
              {hint != null && <small>{hint}</small>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
