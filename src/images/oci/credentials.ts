import { readFile } from "node:fs/promises";
import * as z from "zod";
import { ImageError } from "../errors.ts";

/** Who we are to a registry. `refresh` is what `docker login` got from a token server. */
export type Credentials = { username: string; password: string } | { bearer: string } | { refresh: string };

const entry = z.object({
  auth: z.string().nullish(),
  username: z.string().nullish(),
  password: z.string().nullish(),
  identitytoken: z.string().nullish(),
  registrytoken: z.string().nullish(),
});

const file = z.object({ auths: z.record(z.string(), entry).default({}) });

/**
 * Looks for credentials in a file like Docker's `config.json` or Podman's `auth.json`: under `host[:port]/some/repository`,
 * the longest first, then under the host. It is read each time, since tokens are renewed in it. Programs that it names
 * as credential helpers are not run.
 *
 * @throws ImageError `image-access-denied` when the file cannot be understood
 */
export async function findCredentials(
  path: string | undefined,
  host: string,
  repository: string,
): Promise<Credentials | undefined> {
  if (path === undefined) return undefined;
  const { auths } = await readAuths(path);
  const byPlace = new Map(Object.entries(auths).map(([place, found]) => [bare(place), found]));
  const parts = `${host}/${repository}`.split("/");
  for (let length = parts.length; length > 0; length -= 1) {
    const found = byPlace.get(parts.slice(0, length).join("/"));
    if (found !== undefined) return understand(found);
  }
  const hub = host === "docker.io" ? byPlace.get("index.docker.io") : undefined;
  return hub === undefined ? undefined : understand(hub);
}

async function readAuths(path: string): Promise<z.output<typeof file>> {
  try {
    return file.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    // A parser's message would quote the file.
    const why = (error as NodeJS.ErrnoException).code ?? "not as Docker writes it";
    throw new ImageError(`The credentials for registries in ${path} cannot be read (${why})`, {
      code: "image-access-denied",
      retryable: false,
      hint: "Correct the file that TRAYLOAD_OCI_AUTH_FILE names.",
    });
  }
}

/** Docker writes its own registry as `https://index.docker.io/v1/`. */
const bare = (place: string): string => place.replace(/^https?:\/\//, "").replace(/(?:\/v[12])?\/*$/, "");

function understand(found: z.output<typeof entry>): Credentials | undefined {
  if (found.registrytoken) return { bearer: found.registrytoken };
  if (found.identitytoken) return { refresh: found.identitytoken };
  const pair = found.auth ? Buffer.from(found.auth, "base64").toString() : "";
  const colon = pair.indexOf(":");
  if (colon > 0) return { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
  if (found.username && found.password) return { username: found.username, password: found.password };
  return undefined;
}
