import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createBringer } from "./bring.ts";
import { createFlights, type Flights } from "./flights.ts";
import type { StoredImage } from "./image.ts";
import type { BlobIndex } from "./keep/blob-index.ts";
import { type Blobs, openBlobs } from "./keep/blobs.ts";
import { createOwnBlobs, type OwnBlobs } from "./keep/own.ts";
import { newOwner } from "./keep/owner.ts";
import { createSourceRules } from "./source/rules.ts";
import type { ImageStoreOptions } from "./store.ts";
import { createTurns } from "./turns.ts";
import type { Wanted, Ways } from "./wanted.ts";

/** A day of hundred megabits is more than any image has. */
const MAX_MS = 24 * 60 * 60 * 1000;
const IDLE_MS = 60_000;

/** What requests are judged by, and how their sources are reached. */
export function waysOf(options: ImageStoreOptions): Ways {
  const { allow, resolve, proxies = {}, limits = {}, checksums = {}, oci = {} } = options;
  return {
    network: { rules: createSourceRules(allow, resolve), proxies, idleMs: limits.idleMs ?? IDLE_MS },
    policy: { isRequired: false, allowsWeak: false, ...checksums },
    oci,
  };
}

/** The parts of an open store. */
export interface OpenStore {
  blobs: Blobs;
  index: BlobIndex;
  own: OwnBlobs;
  flights: Flights;
  known(wanted: Wanted): StoredImage | undefined;
  close(): Promise<void>;
}

/** Opens the index, and takes up what an earlier life has left. */
export async function openStore(options: ImageStoreOptions): Promise<OpenStore> {
  const { folder, capBytes, clock: now = Date.now } = options;
  const { resumePauseMs = 500, questionMs = 500 } = options;
  const { maxBytes = Infinity, maxMs = MAX_MS } = options.limits ?? {};
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const index = options.openIndex(join(folder, "index.db"));
  const owner = newOwner(now());
  index.beat(owner);
  const blobs = await openBlobs({ folder, capBytes, index, owner, now });
  const turns = createTurns({ index, owner, now });
  const bringer = createBringer({ blobs, index, turns, resumePauseMs, limits: { maxBytes, maxMs } });
  const flights = createFlights({ blobs, index, bringer, questionMs });
  return {
    blobs,
    index,
    own: createOwnBlobs(blobs, index),
    flights,
    known: (wanted) => bringer.known(wanted),
    async close() {
      await flights.close();
      turns.close();
      index.close();
    },
  };
}
