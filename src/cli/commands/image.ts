import type { Command } from "commander";
import type { Shell } from "../shell.ts";
import { addImagePushCommand } from "./image-push.ts";

export function addImageCommands(program: Command, shell: Shell): void {
  const image = program.command("image").description("the server's images, and artefacts in registries");
  addImagePushCommand(image, shell);
}
