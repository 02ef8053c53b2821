import { ulid } from "ulid";
import * as z from "zod";
import type { FetchState, ImageRequest } from "../../images/index.ts";
import type { RouteParts } from "../parts.ts";
import { Problem } from "../problem.ts";
import { defineRoute, type Route } from "../route.ts";
import { imageInput, shownFetch, shownStock, shownVerdict } from "../schemas/image.ts";
import { waitMs } from "../schemas/plain.ts";
import { BODY_PROBLEMS, problems } from "./problems.ts";

type Parts = Pick<RouteParts, "images">;

export function createImageRoutes(parts: Parts): Route[] {
  return [list(parts), warm(parts), verify(parts), remove(parts)];
}

const list = ({ images }: Parts) =>
  defineRoute({
    method: "get",
    path: "/v1/images",
    tag: "Images",
    summary: "List the images that the store has",
    responses: { 200: { description: "What is there and what comes", schema: shownStock } },
    run: async () => {
      const { images: items, ...stock } = await images.list();
      const shown = items.map(({ usedMs, ...image }) => ({
        ...image,
        usedAt: new Date(usedMs).toISOString(),
      }));
      return { status: 200, body: { items: shown, ...stock }, headers: { "retry-after": "2" } };
    },
  });

const warm = ({ images }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/images",
    tag: "Images",
    summary: "Fetch an image before it is needed",
    description: "Asked again, the same request says how the same fetch stands.",
    query: z.strictObject({ waitMs }),
    body: imageInput,
    responses: {
      200: { description: "It is here", schema: shownFetch },
      202: { description: "It comes", schema: shownFetch, headers: ["Retry-After"] },
      ...BODY_PROBLEMS,
    },
    run: async ({ body, query, signal, note }) => {
      note({ after: { image: withoutQuery(body.url) } });
      const state = await fetchFor(images, { checksum: null, ...body }, query.waitMs ?? 0, signal);
      if (state.state === "failed") throw state.error;
      if (state.state === "fetching") {
        const { bytesRead, sizeBytes } = state;
        const shown = { state: "fetching", digest: null, sizeBytes, bytesRead };
        return { status: 202, body: shown, headers: { "retry-after": "2" } };
      }
      const { digest, sizeBytes } = state.image;
      return { status: 200, body: { state: "ready", digest, sizeBytes, bytesRead: sizeBytes } };
    },
  });

/** What stands behind the question mark may let in whoever knows it. */
function withoutQuery(url: string): string {
  return url.split("?")[0]!;
}

/** Holds the image only until it is here: from then on it is the store's to keep or to let go. */
async function fetchFor(
  images: Parts["images"],
  request: ImageRequest,
  longestMs: number,
  signal: AbortSignal,
): Promise<FetchState> {
  const holder = `warm_${ulid()}`;
  const settled = Promise.withResolvers<void>();
  const state = await images.ensure(request, holder, settled.resolve);
  if (state.state !== "fetching") {
    await images.release(holder);
    return state;
  }
  const isOver = await isWithin(settled.promise, longestMs, signal);
  const seen = await images.ensure(request, holder, settled.resolve);
  if (isOver || seen.state !== "fetching") await images.release(holder);
  else void settled.promise.then(() => images.release(holder));
  return seen;
}

async function isWithin(over: Promise<void>, longestMs: number, signal: AbortSignal): Promise<boolean> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
  const isLate = new Promise<boolean>((resolve) => {
    if (late.aborted) resolve(false);
    late.addEventListener("abort", () => resolve(false), { once: true });
  });
  return Promise.race([over.then(() => true), isLate]);
}

const verify = ({ images }: Parts) =>
  defineRoute({
    method: "post",
    path: "/v1/images/{digest}/verify",
    tag: "Images",
    summary: "Read an image again and compare it with its digest",
    responses: { 200: { description: "The verdict", schema: shownVerdict }, ...problems(404) },
    run: async ({ params }) => {
      const sound = await images.verify(params.digest!);
      if (sound === undefined) throw unknown(params.digest!);
      return { status: 200, body: { digest: params.digest!, sound } };
    },
  });

const remove = ({ images }: Parts) =>
  defineRoute({
    method: "delete",
    path: "/v1/images/{digest}",
    tag: "Images",
    summary: "Remove an image that nobody holds",
    responses: { 204: { description: "It is gone" }, ...problems(404, 409) },
    run: async ({ params }) => {
      if (!(await images.remove(params.digest!))) throw unknown(params.digest!);
      return { status: 204 };
    },
  });

function unknown(digest: string): Problem {
  return new Problem("image-unknown", `The store has no image ${digest}.`, {
    hint: "GET /v1/images lists what it has.",
  });
}
