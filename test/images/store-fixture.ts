import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobIndex } from "../../src/database/index.ts";
import {
  createImageStore,
  type ImageError,
  type ImageErrorCode,
  type ImageRequest,
  type ImageStoreOptions,
  type LocalImageStore,
  type StoredImage,
} from "../../src/images/index.ts";

export const hex = (bytes: Buffer, algorithm = "sha256"): string =>
  createHash(algorithm).update(bytes).digest("hex");

/** A folder with stores that are closed, and a folder that is removed, at the end. */
export interface Place {
  folder: string;
  open(options?: Partial<ImageStoreOptions>): LocalImageStore;
  /** Files below the folder but the index: blobs, and what was left behind. */
  files(): Promise<string[]>;
  /** Closes the stores. */
  close(): Promise<void>;
  end(): Promise<void>;
}

export async function makePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "trayload-store-"));
  const stores: LocalImageStore[] = [];
  return {
    folder,
    open(options = {}) {
      const allow = ["127.0.0.0/8", "::1", "*"];
      const store = createImageStore({
        folder,
        openIndex: openBlobIndex,
        capBytes: 100_000_000,
        resumePauseMs: 5,
        allow,
        ...options,
      });
      stores.push(store);
      return store;
    },
    async files() {
      const names = await readdir(folder, { recursive: true, withFileTypes: true });
      return names
        .filter((entry) => entry.isFile() && !entry.name.startsWith("index.db"))
        .map((entry) => entry.name);
    },
    async close() {
      for (const store of stores.splice(0)) await store.close();
    },
    async end() {
      for (const store of stores) await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks, waits for the fetch where there is one, and asks again. */
export async function settle(
  store: LocalImageStore,
  request: ImageRequest,
  holder: string,
): Promise<StoredImage | ImageError> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const state = await store.ensure(request, holder, resolve);
    if (state.state === "ready") return state.image;
    if (state.state === "failed") return state.error;
    await promise;
  }
}

export async function fetched(
  store: LocalImageStore,
  request: ImageRequest,
  holder = "dep_1",
): Promise<StoredImage> {
  const image = await settle(store, request, holder);
  if (image instanceof Error) throw image;
  return image;
}

export async function refused(
  store: LocalImageStore,
  request: ImageRequest,
  code: ImageErrorCode,
): Promise<ImageError> {
  const error = await settle(store, request, "dep_1");
  assert.ok(error instanceof Error, "was fetched");
  assert.equal(error.code, code, error.message);
  return error;
}
