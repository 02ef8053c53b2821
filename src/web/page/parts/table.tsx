import type { ComponentChildren } from "preact";

/** A plain table in a frame that scrolls sideways where there is little room. An empty heading is for eyes only. */
export function Table(props: { name: string; columns: readonly string[]; children: ComponentChildren }) {
  const { name, columns, children } = props;
  return (
    <div class="table-frame" role="region" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column, index) =>
              column === "" ? (
                <td key={index} />
              ) : (
                <th key={index} scope="col">
                  {column}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
