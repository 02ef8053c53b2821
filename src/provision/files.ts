import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExposedFile } from "../deploy/index.ts";
import { createDiscServer, createReadTracker, type Reached, type SentRange } from "../images/index.ts";
import type { ProvisionLimits, ProvisionParts } from "./parts.ts";
import { plainAddress } from "./readers.ts";
import { createRefetch } from "./refetch.ts";
import { wakeRecord } from "./wake.ts";

/** Serves what agents read, disk images above all, and counts it. */
export interface Files {
  serve(request: IncomingMessage, response: ServerResponse, exposure: ExposedFile): Promise<void>;
  /** Keeps what was counted. To be called when nothing is served any more. */
  close(): Promise<void>;
}

/** Whoever has a file's path may read it: where an agent sits, no BMC's address tells. */
export function createFiles(parts: ProvisionParts, limits: ProvisionLimits): Files {
  const { images, log } = parts;
  const server = createDiscServer(async (digest) => (await images.find(digest))?.path);
  const refetch = createRefetch(parts, limits.refetchMs);
  const tracker = createReadTracker({
    counts: parts.readCounts,
    process: parts.process,
    clock: parts.clock,
    flushMs: limits.flushMs,
    onMilestone: (reached) => tellReached(parts, reached),
    onError: (error, fileId) => log.error({ fileId, error }, "what was read of a file could not be kept"),
  });
  return {
    async serve(request, response, exposure) {
      const { disc, recordId: owner } = exposure;
      const reader = plainAddress(request.socket.remoteAddress ?? "");
      const count = (range: SentRange) => {
        tracker.add(disc, range, { reader, owner });
        parts.onBytes?.("file", range.end - range.start);
      };
      await server.serve(request, response, disc, count, () =>
        refetch.bring(exposure, () => !response.destroyed),
      );
    },
    async close() {
      await tracker.close();
      await server.close();
    },
  };
}

/** Of what can be reached of a disc, a file has the first byte and the tenths. */
async function tellReached(
  parts: ProvisionParts,
  { owner, discId, milestone, percent }: Reached,
): Promise<void> {
  if (milestone !== "first-byte" && milestone !== "tenth") return;
  await wakeRecord(parts, owner, { kind: "file-read", fileId: discId, percent });
}
