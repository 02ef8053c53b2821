import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build, stop } from "esbuild";

const SOURCE = join(import.meta.dirname, "page");
const brotli = promisify(brotliCompress);

/** One file, as it travels. */
interface File {
  contentType: string;
  /** Entity tag with its quotes. */
  etag: string;
  /** Its path changes with its content, so that it may be kept for ever. */
  isForever: boolean;
  bodies: Record<"identity" | "gzip" | "br", Buffer>;
}

const TYPES: Record<string, string> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  html: "text/html; charset=utf-8",
};

/**
 * The dashboard's files by path, bundled once, when they are first asked for: a server that nobody looks at spends nothing
 * on them. `views` are the paths at which the page itself is shown.
 */
export function createPage() {
  return { views: VIEWS, files: bundleOnce };
}

const VIEWS = [
  "/",
  "/add-node",
  "/audit",
  "/campaigns",
  "/campaigns/:id",
  "/deployments",
  "/deployments/:id",
  "/images",
  "/nodes/:id",
  "/queue",
  "/tokens",
];

/** Once for the whole process, however many servers it has. */
let files: Promise<ReadonlyMap<string, File>> | undefined;

function bundleOnce(): Promise<ReadonlyMap<string, File>> {
  files ??= bundle().catch((error: unknown) => {
    files = undefined;
    throw error;
  });
  return files;
}

async function bundle(): Promise<ReadonlyMap<string, File>> {
  const assets = new Map<string, File>();
  const names: Record<string, string> = {};
  for (const { name, type, body } of [...(await buildAssets()), icon()]) {
    const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
    names[name] = `/assets/${name.replace(/\.\w+$/, "")}-${hash}.${type}`;
    assets.set(names[name], await pack(body, type, true));
  }
  const page = readFileSync(join(SOURCE, "page.html"), "utf8").replace(
    /\{(\w+\.\w+)\}/g,
    (_, name: string) => names[name]!,
  );
  return assets.set("/", await pack(Buffer.from(page), "html", false));
}

interface Asset {
  name: string;
  type: string;
  body: Buffer;
}

async function buildAssets(): Promise<Asset[]> {
  const built = await build({
    entryPoints: { page: join(SOURCE, "main.tsx") },
    // Said here, as the one in the folder extends a file that an installed package has not.
    tsconfigRaw: { compilerOptions: { jsx: "react-jsx", jsxImportSource: "preact" } },
    bundle: true,
    minify: true,
    write: false,
    outdir: "/",
    format: "esm",
    target: "es2023",
    logLevel: "silent",
  });
  // Its child process would stay for nothing.
  await stop();
  return built.outputFiles.map(({ path, contents }) => {
    const name = basename(path);
    return { name, type: name.split(".")[1]!, body: Buffer.from(contents) };
  });
}

function icon(): Asset {
  return { name: "icon.svg", type: "svg", body: readFileSync(join(SOURCE, "icon.svg")) };
}

async function pack(body: Buffer, type: string, isForever: boolean): Promise<File> {
  const hash = createHash("sha256").update(body).digest("base64url").slice(0, 22);
  const bodies = {
    identity: body,
    gzip: await promisify(gzip)(body, { level: 9 }),
    br: await brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  };
  return { contentType: TYPES[type]!, etag: `"${hash}"`, isForever, bodies };
}
