import type { ComponentChildren } from "preact";
import { type Boot, type DeploymentAnswer, showDuration } from "../../../client/index.ts";
import { Facts } from "../parts/facts.tsx";
import { showPairs } from "../words.ts";

/** What was asked, what was proven, and what went not quite as it should. */
export function RequestFacts({
  deployment: { request, evidence, warnings, clean },
}: {
  deployment: DeploymentAnswer;
}) {
  const { boot, finish, eject, bootPolicy, timeoutMs, labels } = request;
  const named = showPairs(labels);
  return (
    <>
      <section aria-labelledby="request">
        <h2 id="request">Request</h2>
        <Facts
          rows={[
            ...imageRows(boot),
            ...ownRows(request),
            ["Succeeds when", finish],
            ["Disc leaves", `${eject}${bootPolicy === "once" ? "" : `, boots from it: ${bootPolicy}`}`],
            ["Time limit", showDuration(timeoutMs)],
            ...(named === "" ? [] : [["Labels", named] as Row]),
            ...(clean === null ? [] : [["BMC left clean", clean ? "yes" : "no"] as Row]),
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

const ROLES: Record<string, string> = {
  iso: "Boot ISO",
  kernel: "Kernel",
  ramdisk: "Ramdisk",
  bootloader: "Boot loader",
  rootfs: "Root file system",
  "whole-disk": "Disk image",
  partition: "Image of the root partition",
};

type Row = [name: string, value: ComponentChildren];

/** What is the node's own, and what the agent does, where there is any of it. */
function ownRows({ purpose, kernelArgs, files, write, agent }: DeploymentAnswer["request"]): Row[] {
  const args =
    typeof kernelArgs === "string"
      ? kernelArgs
      : Object.entries(kernelArgs)
          .map(([verb, words]) => `${verb} ${words}`)
          .join("; ");
  const steps = agent?.steps.map((step) => `${step.interface}.${step.step}`) ?? [];
  const rows: [string, string][] = [
    ["Purpose", purpose === "deploy" ? "" : purpose],
    ["Kernel arguments", args],
    ["Files", files.map(({ path }) => path).join(", ")],
    ["Agent's steps", steps.join(", ")],
  ];
  return [
    ...(write === undefined ? [] : imageRows({ [write.image.kind]: write.image })),
    ...rows.filter(([, words]) => words !== ""),
  ];
}

/** Each image with its checksum, by its role. */
function imageRows(boot: Boot): Row[] {
  return Object.entries(boot).flatMap(([role, image]): Row[] =>
    image === null
      ? []
      : [
          [
            ROLES[role] ?? role,
            <>
              <span class="mono wrap">{image.url}</span>
              <small class="wrap">{image.checksum ?? "no checksum was given"}</small>
            </>,
          ],
        ],
  );
}
