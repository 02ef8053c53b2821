import type { Express, RequestHandler } from "express";
import type { Page, PageFile } from "./ports.ts";
import { Problem } from "./problem.ts";

/** The page may load what comes from this origin, and talk to it, and nothing else; nothing in it is made from text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** Serves the dashboard: one page at each of its views, and the files that it is made of. They need no log-in. */
export function mountPage(app: Express, page: Page): void {
  const view = serve(page, () => "/");
  for (const path of page.views) app.get(path, view);
  app.get(
    "/assets/:name",
    serve(page, (path) => path),
  );
  // Somebody who mistyped an address in a browser is told so by the page itself, and programs by a problem.
  const lost = serve(page, () => "/", 404);
  app.get(/^\/(?!v1(\/|$)|assets\/)/, (request, response, next) =>
    request.headers.accept?.includes("text/html") ? lost(request, response, next) : next(),
  );
}

function serve(page: Page, fileAt: (path: string) => string, status: 200 | 404 = 200): RequestHandler {
  return async (request, response) => {
    response.locals.route = "page";
    const file = (await page.files()).get(fileAt(request.path));
    if (file === undefined) throw new Problem("route-not-found", `There is nothing at ${request.path}.`);
    response.set({
      "content-security-policy": POLICY,
      "content-type": file.contentType,
      "cache-control": file.isForever ? "public, max-age=31536000, immutable" : "no-cache",
      etag: file.etag,
      vary: "accept-encoding",
    });
    response.status(status);
    if (status === 200 && request.headers["if-none-match"] === file.etag)
      return void response.status(304).end();
    const [encoding, body] = chooseBody(file, (name) => request.acceptsEncodings(name) === name);
    if (encoding !== "identity") response.set("content-encoding", encoding);
    response.send(body);
  };
}

function chooseBody({ bodies }: PageFile, accepts: (encoding: string) => boolean): [string, Buffer] {
  const encoding = (["br", "gzip"] as const).find((name) => accepts(name)) ?? "identity";
  return [encoding, bodies[encoding]];
}
