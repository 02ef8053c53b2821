import type { Description } from "../src/api/index.ts";

/** JSON Schema, as far as the API's description uses it (OpenAPI 3.1, section 4.8.24). */
interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  prefixItems?: Schema[];
  description?: string;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}

interface Operation {
  summary: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

const HEAD = `// Made by \`npm run generate\` of the API's description of itself; a test fails where it is stale. Do not edit.
/* oxlint-disable */
`;

/**
 * The types of everything that the API takes and gives, as the text of a module: \`Schemas\` by the names of the description,
 * \`Operations\` by method and path.
 */
export function typesOf(document: Description): string {
  const { schemas = {} } = document.components ?? {};
  const named = Object.entries(schemas as Record<string, Schema>).map(([name, schema]) =>
    member(name, schema),
  );
  const paths = Object.entries((document.paths ?? {}) as Record<string, Record<string, Operation>>);
  const operations = paths.flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) =>
      operationOf(`${method.toUpperCase()} ${path}`, operation),
    ),
  );
  return [
    HEAD,
    "/** Everything that is sent and answered, by name. */",
    `export interface Schemas {\n${named.join("\n")}\n}\n`,
    "/** Every request that the API knows: what it takes, and what it answers with success. */",
    `export interface Operations {\n${operations.join("\n")}\n}\n`,
  ].join("\n");
}

function operationOf(name: string, { summary, parameters = [], requestBody, responses }: Operation): string {
  const given = (where: string) => objectOf(parameters.filter((one) => one.in === where).map(memberOf));
  const body = requestBody === undefined ? "body?: undefined;" : bodyOf(requestBody);
  const fields = [
    `params: ${given("path")};`,
    `query: ${given("query")};`,
    body,
    `answer: ${answerOf(responses)};`,
  ];
  return `${comment(summary)}"${name}": {\n${fields.join("\n")}\n};`;
}

function memberOf({ name, required, schema, description }: Parameter): string {
  return member(
    name,
    { ...schema, ...(description === undefined ? {} : { description }) },
    required === true,
  );
}

function bodyOf({ required, content }: NonNullable<Operation["requestBody"]>): string {
  const json = content["application/json"];
  const type = json === undefined ? "Uint8Array<ArrayBuffer> | Blob" : typeOf(json.schema);
  return `body${required === true ? "" : "?"}: ${type};`;
}

/** Bytes for what is no JSON, and undefined for nothing. */
function answerOf(responses: Operation["responses"]): string {
  const good = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const types = good.map(([, { content }]) => {
    if (content === undefined) return "undefined";
    const json = content["application/json"];
    return json === undefined ? "Uint8Array<ArrayBuffer>" : typeOf(json.schema);
  });
  return types.length === 0 ? "undefined" : [...new Set(types)].join(" | ");
}

function typeOf(schema: Schema): string {
  const { $ref, type, anyOf, oneOf } = schema;
  if ($ref !== undefined) return `Schemas["${$ref.split("/").at(-1)}"]`;
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  const either = anyOf ?? oneOf;
  if (either !== undefined) return union(either.map(typeOf));
  if (Array.isArray(type)) return union(type.map((one) => typeOf({ ...schema, type: one })));
  switch (type) {
    case "object":
      return objectTypeOf(schema);
    case "array":
      return arrayTypeOf(schema);
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
    case "null":
      return type;
    default:
      return "unknown";
  }
}

function arrayTypeOf({ items = {}, prefixItems }: Schema): string {
  return prefixItems === undefined ? `(${typeOf(items)})[]` : `[${prefixItems.map(typeOf).join(", ")}]`;
}

function objectTypeOf({ properties = {}, required = [], additionalProperties }: Schema): string {
  const members = Object.entries(properties).map(([name, schema]) =>
    member(name, schema, required.includes(name)),
  );
  const others = typeof additionalProperties === "object" ? typeOf(additionalProperties) : undefined;
  if (others === undefined) return objectOf(members);
  if (members.length === 0) return `Record<string, ${others}>`;
  return objectOf([...members, "[name: string]: unknown;"]);
}

function objectOf(members: readonly string[]): string {
  return members.length === 0 ? "Record<never, never>" : `{\n${members.join("\n")}\n}`;
}

function member(name: string, schema: Schema, isRequired = true): string {
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  return `${comment(schema.description)}${key}${isRequired ? "" : "?"}: ${typeOf(schema)};`;
}

function union(types: readonly string[]): string {
  return `(${[...new Set(types)].join(" | ")})`;
}

function comment(text: string | undefined): string {
  return text === undefined ? "" : `/** ${text.replaceAll("*/", "* /").replaceAll(/\s+/g, " ")} */\n`;
}
