import { type Newest, type NodeAnswer, showDuration } from "../../../client/index.ts";
import { Badge, FactMark, figuresOf, ProgressBar } from "../parts/badge.tsx";
import { Link } from "../parts/place.tsx";
import { nodeFacts, nodeStatus } from "../status.ts";
import { nameBmc, showAge, showBoot } from "../words.ts";
import type { Choice } from "./fleet-table.tsx";

interface RowProps {
  /** From 0. */
  number: number;
  node: NodeAnswer;
  nowMs: number;
  choice: Choice | undefined;
}

/** Behind the headings, and counted from 1. */
const indexOf = (number: number) => number + 2;

export function FleetRow({ number, node, nowMs, choice }: RowProps) {
  const place = [node.site, node.rack].filter((part) => part !== null).join(" · ");
  const { deployment, bmc } = node;
  return (
    <tr class={choice?.chosen.has(node.id) === true ? "chosen" : ""} aria-rowindex={indexOf(number)}>
      {choice !== undefined && (
        <td class="pick">
          <Pick node={node} {...choice} />
        </td>
      )}
      <th scope="row">
        <Link href={`/nodes/${node.id}`}>{node.name}</Link>
        <small>{place}</small>
      </th>
      <td>
        <Cut words={joined(node.manufacturer, node.model) || "not seen yet"} />
        <small>{node.serialNumber}</small>
      </td>
      <td>
        <Cut words={nameBmc(bmc.model, bmc.firmware)} />
        <small class="mono">{bmc.address.replace(/^https:\/\//, "")}</small>
      </td>
      <td>
        <Badge {...nodeStatus(node)} />
        {deployment !== null && <Doing {...deployment} />}
      </td>
      <td class="progress">
        <Progress node={node} nowMs={nowMs} />
      </td>
      <td>
        <div class="facts">
          {nodeFacts(node).map((fact) => (
            <FactMark key={fact.word} {...fact} />
          ))}
        </div>
      </td>
      <td>
        {deployment === null ? <span class="quiet">none yet</span> : <Last {...deployment} nowMs={nowMs} />}
      </td>
    </tr>
  );
}

/** A row that is in sight before it has been read. */
export function UnreadRow({ number, columns }: { number: number; columns: number }) {
  return (
    <tr aria-rowindex={indexOf(number)} class="unread">
      <td colSpan={columns}>…</td>
    </tr>
  );
}

function Pick({ node, chosen, onChoose, isAsking }: { node: NodeAnswer } & Choice) {
  const choose = (isChosen: boolean) => {
    const next = new Map(chosen);
    if (isChosen) next.set(node.id, node);
    else next.delete(node.id);
    onChoose(next);
  };
  return (
    <input
      type="checkbox"
      aria-label={`Choose ${node.name}`}
      checked={chosen.has(node.id)}
      disabled={isAsking}
      onChange={(event) => choose(event.currentTarget.checked)}
    />
  );
}

/** What may be too long shows whole where one points. */
function Cut({ words }: { words: string }) {
  return (
    <span class="line" title={words}>
      {words}
    </span>
  );
}

function joined(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null).join(" ");
}

/** Which step, and what it waits for; or why it failed. All of it shows where one points. */
function Doing({ step, stepNumber, stepCount, waitingOn, error, state }: Newest) {
  const place = step === null ? "" : `${stepNumber}/${stepCount} ${step}`;
  const waits = waitingOn !== null && state === "running" ? `, waits for ${waitingOn.what}` : "";
  const words = error?.message ?? `${place}${waits}`;
  return (
    <small
      class={error === null ? "lines" : "lines bad-text"}
      title={[words, error?.hint].filter(Boolean).join("\n")}
    >
      {words}
    </small>
  );
}

function Progress({ node: { name, deployment }, nowMs }: { node: NodeAnswer; nowMs: number }) {
  const progress = deployment?.progress;
  if (progress == null) return null;
  return (
    <>
      <ProgressBar percent={progress.percent} label={`${name}: share of the disc read`} />
      <small class="lines">{figuresOf(progress, nowMs, false).join(", ")}</small>
    </>
  );
}

function Last({ id, boot, createdAt, startedAt, endedAt, nowMs }: Newest & { nowMs: number }) {
  const began = Date.parse(startedAt ?? createdAt);
  const age =
    endedAt === null
      ? `for ${showAge(nowMs - began)}`
      : `${showAge(nowMs - Date.parse(endedAt))} ago, took ${showDuration(Date.parse(endedAt) - began)}`;
  return (
    <>
      <Link href={`/deployments/${id}`} class="line">
        {showBoot(boot)}
      </Link>
      <small class="line">{age}</small>
    </>
  );
}
