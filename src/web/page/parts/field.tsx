import type { ComponentChildren, JSX } from "preact";

interface FieldProps {
  label: string;
  /** Beside the label, quietly. */
  note?: string;
  children: ComponentChildren;
}

export function Field({ label, note, children }: FieldProps) {
  return (
    <label>
      {label} {note !== undefined && <span class="quiet">{note}</span>}
      {children}
    </label>
  );
}

type TextProps = Omit<FieldProps, "children"> & JSX.IntrinsicElements["input"] & { name: string };

/** What a program reads: no spell checker, no capitals. */
export function TextField({ label, note, ...rest }: TextProps) {
  return (
    <Field label={label} {...(note === undefined ? {} : { note })}>
      <input type="text" spellcheck={false} autocapitalize="off" autocomplete="off" {...rest} />
    </Field>
  );
}

interface SelectProps extends Omit<FieldProps, "children"> {
  name: string;
  /** Values with what a person reads. */
  options: Readonly<Record<string, string>>;
  /** What is chosen at first; the form knows the rest. */
  initial?: string;
  onChange?: (value: string) => void;
}

export function SelectField({ label, note, name, options, initial, onChange }: SelectProps) {
  return (
    <Field label={label} {...(note === undefined ? {} : { note })}>
      <select name={name} onChange={(event) => onChange?.(event.currentTarget.value)}>
        {Object.entries(options).map(([one, words]) => (
          <option key={one} value={one} selected={one === initial}>
            {words}
          </option>
        ))}
      </select>
    </Field>
  );
}
