import type { ComponentChildren } from "preact";
import { type Boot, type DeploymentAnswer, showDuration } from "../../../client/index.ts";
import { Facts } from "../parts/facts.tsx";

/** What was asked, what was proven, and what went not quite as it should. */
export function RequestFacts({
  deployment: { request, evidence, warnings, clean },
}: {
  deployment: DeploymentAnswer;
}) {
  const { boot, finish, eject, bootPolicy, timeoutMs, labels } = request;
  const named = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return (
    <>
      <section aria-labelledby="request">
        <h2 id="request">Request</h2>
        <Facts
          rows={[
            ...imageRows(boot),
            ["Succeeds when", finish],
            ["Disc leaves", `${eject}${bootPolicy === "once" ? "" : `, boots from it: ${bootPolicy}`}`],
            ["Time limit", showDuration(timeoutMs)],
            ...(named.length === 0 ? [] : [["Labels", named.join(", ")] as [string, string]]),
            ...(clean === null ? [] : [["BMC left clean", clean ? "yes" : "no"] as [string, string]]),
          ]}
        />
      </section>
      {evidence.length > 0 && (
        <section aria-labelledby="proof">
          <h2 id="proof">Proof</h2>
          <ul class="proof">
            {evidence.map(({ what, how, strength, at }) => (
              <li key={`${what} ${at}`}>
                <b>{what}</b> {how} {strength !== "strong" && <span class="quiet">({strength})</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {warnings.length > 0 && (
        <section aria-labelledby="warnings">
          <h2 id="warnings">Warnings</h2>
          <ul>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Each image with its checksum, by its role. */
function imageRows(boot: Boot): [string, ComponentChildren][] {
  return Object.entries(boot).flatMap(([role, image]): [string, ComponentChildren][] =>
    image === null
      ? []
      : [
          [
            role === "iso" ? "Boot ISO" : role,
            <>
              <span class="mono wrap">{image.url}</span>
              <small class="wrap">{image.checksum ?? "no checksum was given"}</small>
            </>,
          ],
        ],
  );
}
