import type { AuditAnswer } from "../../../client/index.ts";
import { Badge } from "../parts/badge.tsx";

/** One entry; what was changed opens beneath it. */
export function AuditRow({ entry }: { entry: AuditAnswer }) {
  const { seq, at, who, action, target, outcome, status, code, from, before, after } = entry;
  const [method] = action.split(" ");
  return (
    <tr>
      <td class="nowrap">
        {new Date(at).toLocaleString()}
        <small>entry {seq}</small>
      </td>
      <td>
        {who === null ? <span class="quiet">nobody who is known</span> : who.name}
        <small>{who?.role}</small>
      </td>
      <th scope="row" class="wrap">
        <code>
          {method} {target}
        </code>
        {(before !== null || after !== null) && (
          <details>
            <summary>What was changed</summary>
            {before !== null && <Side name="Before" value={before} />}
            {after !== null && <Side name="After" value={after} />}
          </details>
        )}
      </th>
      <td>
        <Badge tone={outcome === "done" ? "good" : "warn"} word={outcome} />
        <small>{code ?? status}</small>
      </td>
      <td class="mono wrap">{from}</td>
    </tr>
  );
}

function Side({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <small>{name}</small>
      <pre>{JSON.stringify(value, undefined, 2)}</pre>
    </>
  );
}
