import { useEffect, useState } from "preact/hooks";
import type { Finding, NodeAnswer, OperationAnswer } from "../../../client/index.ts";
import { FailureBox } from "../deployment/boxes.tsx";
import { useAct } from "../parts/act.ts";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { plural } from "../words.ts";
import { TrustCertificate } from "./trust-certificate.tsx";

const MARKS = { pass: "✓", warn: "!", fail: "✗", skip: "–" };

interface PreflightProps {
  node: NodeAnswer;
  startsAtOnce?: boolean;
  /** Something was learned of the node. */
  onChange?: () => void;
}

/** Asks whether the node could be deployed; nothing is changed by it, but that a trial disc goes in and out. */
export function Preflight({ node, startsAtOnce = false, onChange }: PreflightProps) {
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const [answer, setAnswer] = useState<OperationAnswer>();
  const check = async (body: object) => {
    await act.run(async () =>
      setAnswer(await server.post<OperationAnswer>(`/v1/nodes/${node.id}/preflight?waitMs=60000`, body)),
    );
    onChange?.();
  };
  useEffect(() => {
    if (startsAtOnce) void check({});
  }, []);
  if (!may("POST /v1/nodes/{id}/preflight")) return null;
  const findings = Array.isArray(answer?.result) ? (answer.result as Finding[]) : [];
  return (
    <section aria-labelledby="preflight">
      <h2 id="preflight">Preflight</h2>
      <div class="actions">
        <button type="button" disabled={act.isBusy} onClick={() => void check({})}>
          {act.isBusy ? "Looking at the BMC …" : "Check whether it can be deployed"}
        </button>
        <button
          type="button"
          disabled={act.isBusy}
          title="Also puts a disc of 1 MiB into an empty slot, and sees whether the BMC reads it"
          onClick={() => void check({ canary: true })}
        >
          Check with a trial disc
        </button>
      </div>
      {act.error !== undefined && <Problem error={act.error} />}
      {answer?.error != null && <FailureBox failure={answer.error} />}
      {answer?.final === false && <p role="status">It takes longer than a minute; check again later.</p>}
      <TrustCertificate node={node} findings={findings} onTrusted={() => void check({})} />
      {findings.length > 0 && <Verdict findings={findings} />}
      <ul class="findings">
        {findings.map(({ check: name, outcome, detail, hint }) => (
          <li key={name} class={`finding finding-${outcome}`}>
            <span class="mark" role="img" aria-label={outcome}>
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

/** The result in one line, which is also what is read aloud. */
function Verdict({ findings }: { findings: readonly Finding[] }) {
  const count = (wanted: Finding["outcome"]) => findings.filter(({ outcome }) => outcome === wanted).length;
  const [failed, warned] = [count("fail"), count("warn")];
  const words =
    failed > 0
      ? `It cannot be deployed as it is: ${failed} of ${findings.length} checks failed.`
      : `It can be deployed${warned > 0 ? `, with ${plural(warned, "thing")} to know` : ""}.`;
  return (
    <p role="status" class={failed > 0 ? "bad-text" : "good-text"}>
      <strong>{words}</strong>
    </p>
  );
}
