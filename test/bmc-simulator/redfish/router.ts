import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Answer, errorBody, refuse } from "../answer.ts";
import type { Profile } from "../profile.ts";
import { type Exchange, propertiesOf, type Resource, type Resources } from "./face.ts";
import type { Access } from "./sessions.ts";

/** An answer ready to be written. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  content: string;
}

export type Route = (headers: IncomingHttpHeaders, exchange: Exchange) => Promise<Reply>;

const METHODS = ["GET", "PATCH", "POST", "DELETE"] as const;
type Method = (typeof METHODS)[number];

/** Finds the resource, checks access, method and If-Match, lets it answer, and puts the answer into the dialect. */
export function createRoute(resources: Resources, profile: Profile, access: Access): Route {
  async function answer(headers: IncomingHttpHeaders, exchange: Exchange): Promise<Answer> {
    const { path, method: asked } = exchange.entry;
    const resource = resources.get(path);
    const method = (asked === "HEAD" ? "GET" : asked) as Method;
    if (!(resource?.open?.includes(method) ?? false)) {
      const refusal = access.refusal(headers);
      if (refusal !== undefined) return refusal;
    }
    if (resource === undefined)
      return refuse(404, "ResourceMissingAtURI", `The resource at the URI ${path} was not found.`);
    const allow = { allow: allowed(resource) };
    const handler = METHODS.includes(method) ? resource[method] : undefined;
    if (handler === undefined)
      return { ...refuse(405, "OperationNotAllowed", `${asked} is not allowed here.`), headers: allow };
    if (exchange.body instanceof SyntaxError)
      return refuse(400, "MalformedJSON", "The request body is malformed JSON.");
    const mismatch = method === "PATCH" ? await checkMatch(headers, resource, exchange) : undefined;
    if (mismatch !== undefined) return mismatch;
    const given =
      method === "GET" ? await expand(await handler(exchange), exchange) : await handler(exchange);
    return method === "GET" ? { ...given, headers: { ...allow, ...given.headers } } : given;
  }

  /** Puts members into their collection where `$expand=.` asks for it, with their tags as they are when read alone. */
  async function expand(given: Answer, exchange: Exchange): Promise<Answer> {
    const members = given.body?.["Members"];
    const isAsked = decodeURIComponent(exchange.entry.query).startsWith("$expand=");
    if (!isAsked || !profile.expands || !Array.isArray(members)) return given;
    const whole = await Promise.all(
      members.map(async (member: unknown) => {
        const link = propertiesOf(member)?.["@odata.id"];
        const path = (typeof link === "string" ? link : "").replace(/\/+$/, "");
        const body = (await resources.get(path)?.GET?.(exchange))?.body;
        if (body === undefined) return member;
        return profile.etags.kind === "none" ? body : { "@odata.etag": etagOf(body, profile), ...body };
      }),
    );
    return { ...given, body: { ...given.body, Members: whole } };
  }

  async function checkMatch(
    headers: IncomingHttpHeaders,
    resource: Resource,
    exchange: Exchange,
  ): Promise<Answer | undefined> {
    const { kind, ifMatch } = profile.etags;
    if (kind === "none" || ifMatch === "ignored") return undefined;
    const given = headers["if-match"];
    if (given === undefined)
      return ifMatch === "required"
        ? refuse(428, "PreconditionRequired", "The request needs an If-Match header.")
        : undefined;
    const current = (await resource.GET?.(exchange))?.body;
    if (current === undefined || given === "*" || given === etagOf(current, profile)) return undefined;
    return refuse(412, "PreconditionFailed", "The ETag supplied did not match the ETag of the resource.");
  }

  return async (headers, exchange) => render(await answer(headers, exchange), profile);
}

function allowed(resource: Resource): string {
  const methods = METHODS.filter((method) => resource[method] !== undefined);
  return (methods.includes("GET") ? ["HEAD", ...methods] : methods).join(", ");
}

function etagOf(body: Record<string, unknown>, { etags }: Profile): string {
  const tag = `"${hash("sha1", JSON.stringify(body), "base64url").slice(0, 12)}"`;
  return etags.kind === "weak" ? `W/${tag}` : tag;
}

function etagInBody(etag: string, { etags }: Profile): string {
  return etags.inBody === "bare" ? etag.replaceAll('"', "") : etag;
}

/** Serialises an answer, with ETag and error body as the profile has them. */
export function render(answer: Answer, profile: Profile): Reply {
  const headers: Record<string, string> = { "odata-version": "4.0", "cache-control": "no-cache" };
  if (answer.text !== undefined) {
    headers["content-type"] = answer.text.type;
    return {
      status: answer.status,
      headers: { ...headers, ...answer.headers },
      content: answer.text.content,
    };
  }
  const body = answer.failure === undefined ? answer.body : errorBody(profile.dialect, answer.failure);
  // sushy-tools labels even its empty 204s.
  if (body !== undefined || profile.dialect === "sushy-tools") headers["content-type"] = "application/json";
  if (body === undefined)
    return { status: answer.status, headers: { ...headers, ...answer.headers }, content: "" };
  const hasEtag = answer.status === 200 && profile.etags.kind !== "none" && "@odata.id" in body;
  if (hasEtag) headers["etag"] = etagOf(body, profile);
  const content = JSON.stringify(
    hasEtag ? { "@odata.etag": etagInBody(headers["etag"]!, profile), ...body } : body,
  );
  return { status: answer.status, headers: { ...headers, ...answer.headers }, content };
}
