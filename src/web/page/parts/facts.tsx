import type { ComponentChildren } from "preact";

/** Names and values. */
export function Facts({ rows }: { rows: readonly [name: string, value: ComponentChildren][] }) {
  return (
    <dl class="pairs">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
