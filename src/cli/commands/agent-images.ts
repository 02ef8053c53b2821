import type { Command } from "commander";
import type { AgentImagesAnswer } from "../../client/index.ts";
import type { Shell } from "../shell.ts";
import { table } from "../words.ts";
import { readDocument } from "./document.ts";

const PATH = "/v1/settings/agent-images";

const NOTES = `
The file has, by architecture, the kernel and the ramdisk of the agent as images; docs/agent.md. What is not in it is forgotten.

Example file:
  x86_64:
    kernel: { url: https://images.example/ipa.kernel, checksum: "sha256:…" }
    ramdisk: { url: https://images.example/ipa.initramfs, checksum: "sha256:…" }`;

/** The settings of the agent's default images. */
export function addAgentImagesCommands(program: Command, shell: Shell): void {
  const images = program
    .command("agent-images")
    .description("the images of the agent, where a machine has none of its own");
  images
    .command("show")
    .description("show the agent's default images")
    .action(async () => {
      const { body } = await (await shell.connect()).call<AgentImagesAnswer>("GET", PATH);
      shell.show(body, () => linesOf(body));
    });
  images
    .command("set")
    .description("set the agent's default images from a file")
    .argument("<file>", "JSON or YAML; - for the standard input")
    .addHelpText("after", NOTES)
    .action(async (file: string) => {
      const body = await readDocument(shell.terminal, file);
      const reply = await (await shell.connect()).call<AgentImagesAnswer>("PUT", PATH, { body });
      shell.show(reply.body, () => linesOf(reply.body));
    });
}

function linesOf(images: AgentImagesAnswer): string[] {
  const rows = Object.entries(images).flatMap(([arch, parts]) =>
    Object.entries(parts ?? {}).map(([role, { url, checksum }]) => [arch, role, url, checksum ?? "-"]),
  );
  return rows.length === 0 ? ["none are set"] : table([["ARCH", "PART", "URL", "CHECKSUM"], ...rows]);
}
