import { createImageStore, type ImageRequest, type ImageStoreOptions } from "../../src/images/index.ts";
import { openBlobIndex } from "../../src/database/index.ts";
import { settle } from "./store-fixture.ts";

/** What the parent asks for; the answers come over the channel to the parent. */
export interface Task {
  options: Pick<ImageStoreOptions, "folder" | "capBytes" | "allow">;
  request: ImageRequest;
  holder: string;
}

export type Told = { digest: string } | { code: string; message: string };

/** A process that uses a store, and lives until it is told to end or is killed. */
async function main(): Promise<void> {
  const { options, request, holder } = JSON.parse(process.argv[2]!) as Task;
  const store = createImageStore({ openIndex: openBlobIndex, resumePauseMs: 5, ...options });
  await store.ensure(request, holder, () => undefined);
  process.send!("begun");
  const came = await settle(store, request, holder);
  const told: Told =
    came instanceof Error ? { code: came.code, message: came.message } : { digest: came.digest };
  process.send!(told);
  process.once("disconnect", () => void store.close());
}

if (import.meta.main) await main();
