import { useEffect, useRef, useState } from "preact/hooks";
import type { FleetAnswer, NodeState } from "../../../client/index.ts";
import type { FleetView } from "./view.ts";

interface FiltersProps {
  view: FleetView;
  counts: FleetAnswer["counts"] | undefined;
  /** `replace` for changes that are no step of their own. */
  onChange: (view: FleetView, replace?: boolean) => void;
}

const STATES: readonly NodeState[] = ["failed", "deploying", "deployed", "deployable"];
/** Shown where there are any. */
const RARE_STATES: readonly NodeState[] = ["inspecting", "cleaning"];

export function Filters({ view, counts, onChange }: FiltersProps) {
  const change = (part: Partial<FleetView>, replace = false) =>
    onChange({ ...view, ...part, at: 0 }, replace);
  const all = counts && Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <search class="filters">
      <SearchField
        name="Search by name, address, model or serial number"
        placeholder="Name, address, model"
        text={view.text}
        onChange={(text) => change({ text }, true)}
      />
      <SearchField
        name="Labels that a node must carry"
        placeholder="Labels: row=1"
        text={view.labels}
        onChange={(labels) => change({ labels }, true)}
      />
      <div class="chips" role="group" aria-label="State">
        <Chip label="All" count={all} isOn={view.state === ""} onClick={() => change({ state: "" })} />
        {[...STATES, ...RARE_STATES.filter((one) => one === view.state || counts?.[one])].map((state) => (
          <Chip
            key={state}
            label={state}
            count={counts?.[state]}
            isOn={view.state === state}
            onClick={() => change({ state })}
          />
        ))}
      </div>
      <Choice
        label="Power"
        value={view.power}
        values={["on", "off"]}
        onChange={(power) => change({ power })}
      />
      <Choice
        label="Health"
        value={view.health}
        values={["OK", "Warning", "Critical"]}
        onChange={(health) => change({ health })}
      />
    </search>
  );
}

const TYPING_MS = 250;

/** Asks the server when the typing pauses. */
export function SearchField(props: {
  name: string;
  placeholder: string;
  text: string;
  onChange: (text: string) => void;
}) {
  const { name, placeholder, text, onChange } = props;
  const [typed, setTyped] = useState(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTyped(text), [text]);
  const type = (next: string) => {
    setTyped(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next), TYPING_MS);
  };
  return (
    <input
      type="search"
      aria-label={name}
      placeholder={placeholder}
      value={typed}
      onInput={(event) => type(event.currentTarget.value)}
    />
  );
}

interface ChipProps {
  label: string;
  count: number | undefined;
  isOn: boolean;
  onClick: () => void;
}

function Chip({ label, count, isOn, onClick }: ChipProps) {
  return (
    <button type="button" class="chip" aria-pressed={isOn} onClick={onClick}>
      {label} <span class="count">{count?.toLocaleString("en") ?? "…"}</span>
    </button>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  values: readonly string[];
  onChange: (value: string) => void;
}

export function Choice({ label, value, values, onChange }: ChoiceProps) {
  return (
    <label class="choice">
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">any</option>
        {values.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
