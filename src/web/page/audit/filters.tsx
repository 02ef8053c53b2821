import { textOf } from "../parts/form.ts";
import { type AuditView, SPANS } from "./view.ts";

const OUTCOMES = ["done", "refused"];

/** Conditions, which count when they are sent: what is typed half would be a reading, and so an entry, of its own. */
export function AuditFilters({ view, onChange }: { view: AuditView; onChange: (view: AuditView) => void }) {
  const send = (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [who, action, target] = [textOf(form, "who"), textOf(form, "action"), textOf(form, "target")];
    onChange({
      who,
      action,
      target,
      outcome: textOf(form, "outcome"),
      since: textOf(form, "since"),
      cursor: "",
    });
  };
  return (
    <search>
      <form class="filters" onSubmit={send}>
        <Narrow name="who" label="Who" value={view.who} placeholder="pipeline-ams1" />
        <Narrow name="target" label="What path" value={view.target} placeholder="/v1/nodes/rack1-u07" />
        <Narrow name="action" label="Which route" value={view.action} placeholder="PATCH /v1/nodes/{id}" />
        <Pick name="outcome" label="Outcome" value={view.outcome} values={OUTCOMES} />
        <Pick name="since" label="Within the last" value={view.since} values={Object.keys(SPANS)} />
        <button type="submit">Narrow</button>
      </form>
    </search>
  );
}

function Narrow(props: { name: string; label: string; value: string; placeholder: string }) {
  const { name, label, value, placeholder } = props;
  return (
    <label class="choice">
      {label}
      <input name={name} type="text" spellcheck={false} defaultValue={value} placeholder={placeholder} />
    </label>
  );
}

function Pick(props: { name: string; label: string; value: string; values: readonly string[] }) {
  const { name, label, value, values } = props;
  return (
    <label class="choice">
      {label}
      <select name={name}>
        <option value="">any</option>
        {values.map((one) => (
          <option key={one} value={one} selected={one === value}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
