import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { type FetchAnswer, type StockAnswer, showBytes } from "../../client/index.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import { IMAGE_PASSWORD_VARIABLE, readPassword } from "../password.ts";
import type { Shell } from "../shell.ts";
import { table } from "../words.ts";
import { addImagePushCommand } from "./image-push.ts";
import { defined, parsePin, readText } from "./node-options.ts";

/** How long the server is asked to hold its answer. */
const HELD_MS = 2_000;

export function addImageCommands(program: Command, shell: Shell): void {
  const image = program.command("image").description("the server's images, and artefacts in registries");
  image
    .command("list")
    .description("show what the store has, and what comes")
    .action(async () => {
      const { body } = await (await shell.connect()).call<StockAnswer>("GET", "/v1/images");
      shell.show(body, () => stockLines(body));
    });
  addPullCommand(image, shell);
  image
    .command("verify")
    .description("read an image again and compare it with its digest")
    .argument("<digest>", "sha256:…, as list shows it")
    .action((digest: string) => verify(shell, digest));
  image
    .command("remove")
    .description("remove an image that nobody holds")
    .argument("<digest>", "sha256:…, as list shows it")
    .action(async (digest: string) => {
      await (await shell.connect()).call("DELETE", `/v1/images/${encodeURIComponent(digest)}`);
      shell.show({ removed: digest }, () => [`${digest} is gone`]);
    });
  addImagePushCommand(image, shell);
}

interface PullOptions {
  checksum?: string;
  member?: string;
  arch?: string;
  username?: string;
  passwordStdin?: boolean;
  tlsPin?: string;
  tlsCa?: string;
}

function addPullCommand(image: Command, shell: Shell): void {
  image
    .command("pull")
    .description("fetch an image into the server's store, before it is needed")
    .argument("<url>", "http://, https://, oci:// or file://")
    .option("--checksum <checksum>", "algo:hex, bare hex, or the URL of a checksum file")
    .option("--member <name>", "one file of a tar archive, or of an artefact of several files")
    .option("--arch <arch>", "x86_64 or aarch64, of an artefact for several machines")
    .option("--username <name>", "who logs in at the image's server")
    .option("--password-stdin", "read that password from the standard input")
    .option("--tls-pin <sha256:…>", "take this certificate and no other", parsePin)
    .option("--tls-ca <file>", "trust this CA (PEM) too")
    .action(async (url: string, options: PullOptions) => pull(shell, await imageOf(shell, url, options)));
}

/** The body of the request. */
async function imageOf(shell: Shell, url: string, options: PullOptions): Promise<Record<string, unknown>> {
  const { checksum, member, arch, username, passwordStdin = false, tlsPin, tlsCa } = options;
  if (passwordStdin && username === undefined) throw usageError("--password-stdin goes with --username");
  const question = `Password of ${username} at ${URL.parse(url)?.host}: `;
  const password =
    username && (await readPassword(shell.terminal, passwordStdin, question, IMAGE_PASSWORD_VARIABLE));
  const tls = defined({ fingerprint: tlsPin, ca: tlsCa && readText(tlsCa) });
  return {
    ...defined({ url, checksum, member, arch }),
    ...(username === undefined ? {} : { auth: { username, password } }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

async function pull(shell: Shell, body: Record<string, unknown>): Promise<void> {
  const client = await shell.connect();
  let told = "";
  for (;;) {
    const path = `/v1/images?waitMs=${HELD_MS}`;
    const { body: fetch } = await client.call<FetchAnswer>("POST", path, { body, heldMs: HELD_MS });
    if (fetch.state === "ready")
      return shell.show(fetch, () => [`${fetch.digest}  ${showBytes(fetch.sizeBytes!)}`]);
    const line = progressOf(fetch);
    if (!shell.isJson && line !== told) shell.note((told = line));
    await sleep(100);
  }
}

function progressOf({ bytesRead, sizeBytes }: FetchAnswer): string {
  const read = showBytes(bytesRead ?? 0);
  if (sizeBytes === null || sizeBytes === 0) return `${read} fetched`;
  return `${read} of ${showBytes(sizeBytes)} fetched (${Math.floor((100 * (bytesRead ?? 0)) / sizeBytes)} %)`;
}

async function verify(shell: Shell, digest: string): Promise<void> {
  const path = `/v1/images/${encodeURIComponent(digest)}/verify`;
  const { body } = await (await shell.connect()).call<{ digest: string; sound: boolean }>("POST", path);
  if (body.sound) return shell.show(body, () => [`${digest} is sound`]);
  throw new CommandError(`${digest} was not what its digest says, and was removed`, {
    exit: EXIT.failed,
    code: "image-checksum-mismatch",
    hint: "It is fetched again where it is needed. Check the disk of the data directory.",
  });
}

function stockLines({ items, underWay, usedBytes, capBytes }: StockAnswer): string[] {
  const rows = items.map(({ digest, sizeBytes, usedAt, holders, source }) => [
    digest,
    showBytes(sizeBytes),
    usedAt,
    source ?? "-",
    holders.length === 0 ? "-" : holders.join(" "),
  ]);
  const coming = underWay.map(
    (fetch) => `${fetch.source}: ${progressOf({ state: "fetching", digest: null, ...fetch })}`,
  );
  const sum = `${showBytes(usedBytes)} of ${showBytes(capBytes)} used`;
  return [
    ...(rows.length === 0 ? [] : table([["DIGEST", "SIZE", "LAST USED", "FROM", "HELD BY"], ...rows])),
    ...coming,
    sum,
  ];
}
