import type { Description } from "./openapi.ts";

type Paths = NonNullable<Description["paths"]>;
type Operation = NonNullable<Paths[string]["get"]>;

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
code,pre{font:14px/1.45 ui-monospace,monospace;background:#f3f4f6;border-radius:4px}code{padding:.1em .3em}
pre{padding:.8rem;overflow:auto}details{border:1px solid #d8dee4;border-radius:6px;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer}summary b{display:inline-block;width:4.5rem;font-family:ui-monospace,monospace}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}`;

/** Renders the description as one page that needs neither scripts nor other hosts. */
export function renderDocs(description: Description): string {
  const operations = Object.entries(description.paths ?? {}).flatMap(([path, item]) =>
    (["get", "post", "patch", "delete"] as const).flatMap((method) => {
      const operation = item[method];
      return operation === undefined
        ? []
        : [{ tag: operation.tags?.[0] ?? "", html: section(method, path, operation) }];
    }),
  );
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  const groups = tags.map((tag) => {
    const inside = operations.filter((operation) => operation.tag === tag).map(({ html }) => html);
    return `<h2>${escape(tag)}</h2>${inside.join("")}`;
  });
  const { title, version, description: about } = description.info;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)} API</title><style>${STYLE}</style>
<h1>${escape(title)} API ${escape(version)}</h1><p>${escape(about ?? "")}</p>
<p>The same as a document for programs: <a href="openapi.json">openapi.json</a></p>
${groups.join("")}${schemas(description)}</html>`;
}

function section(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).flatMap((parameter) =>
    "name" in parameter
      ? [
          `<tr><td><code>${escape(parameter.name)}</code></td><td>${escape(parameter.in)}</td><td>${escape(parameter.description ?? "")}</td></tr>`,
        ]
      : [],
  );
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, response]) =>
      `<tr><td><code>${status}</code></td><td>${escape("description" in response ? (response.description ?? "") : "")}</td></tr>`,
  );
  const body = operation.requestBody === undefined ? "" : `<h4>Body</h4>${json(operation.requestBody)}`;
  return `<details><summary><b>${method.toUpperCase()}</b> <code>${escape(path)}</code> ${escape(operation.summary ?? "")}</summary>
${parameters.length === 0 ? "" : `<h4>Parameters</h4><table>${parameters.join("")}</table>`}${body}
<h4>Answers</h4><table>${answers.join("")}</table></details>`;
}

function schemas(description: Description): string {
  const all = Object.entries(description.components?.schemas ?? {});
  const parts = all.map(
    ([name, schema]) => `<details><summary><code>${escape(name)}</code></summary>${json(schema)}</details>`,
  );
  return `<h2>Schemas</h2>${parts.join("")}`;
}

function json(value: unknown): string {
  return `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
