import type { Finding, NodeAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";

interface TrustProps {
  node: NodeAnswer;
  findings: readonly Finding[];
  onTrusted: () => void;
}

/** Shows the certificate that nobody vouches for, and pins it once a person has said that it is the BMC's. */
export function TrustCertificate({ node, findings, onTrusted }: TrustProps) {
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const tls = findings.find(({ check, outcome }) => check === "tls" && outcome !== "pass");
  const fingerprint = tls?.fingerprint;
  if (fingerprint === undefined || !may("PATCH /v1/nodes/{id}")) return null;
  const isChanged = node.bmc.tls.mode === "pin" && node.bmc.tls.fingerprint !== undefined;
  const trust = () =>
    void act
      .run(() => server.patch(`/v1/nodes/${node.id}`, { bmc: { tls: { mode: "pin", fingerprint } } }))
      .then((isDone) => isDone && onTrusted());
  return (
    <div class="notice notice-warn certificate" role="group" aria-label="Certificate of the BMC">
      <p>
        <strong>
          {isChanged
            ? "The BMC offers another certificate than the one that is pinned."
            : "Is this the BMC's certificate?"}
        </strong>{" "}
        Nobody vouches for it, so no password was sent. Compare its fingerprint with what the BMC's own page
        shows.
      </p>
      <p class="fingerprint mono">{inGroups(fingerprint)}</p>
      {act.error !== undefined && <Problem error={act.error} />}
      <button type="button" class="primary" disabled={act.isBusy} onClick={trust}>
        It is: trust this certificate alone
      </button>
    </div>
  );
}

/** Easier to compare: "sha256:" and eight groups of eight digits. */
function inGroups(fingerprint: string): string {
  const [kind, digits = ""] = fingerprint.split(":");
  return `${kind}: ${digits.match(/.{1,8}/g)?.join(" ") ?? ""}`;
}
