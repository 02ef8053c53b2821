import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { openBlobIndex } from "../src/database/index.ts";
import { discPath, type ExposedDisc, hashOf } from "../src/deploy/index.ts";
import { composeDisc, createBootloaders, createImageStore } from "../src/images/index.ts";
import { getPackages, SIGNED_BOOTLOADER } from "../test/media/packages.ts";
import { fill } from "./files.ts";

const SECRET = "Bench0Bench1Bench2Bench3";
const HOLDER = "bench";

/** A composed disc, stored below `<folder>/server-1`, as a deployment exposes it. */
export interface ServedDisc {
  exposure: ExposedDisc;
  path: string;
  sizeBytes: number;
}

export async function makeServedDisc(folder: string, ramdiskMib: number): Promise<ServedDisc> {
  const kernel = fill(join(folder, "kernel"), 8);
  const ramdisk = fill(join(folder, "ramdisk"), ramdiskMib);
  const store = createImageStore({
    openIndex: openBlobIndex,
    folder: join(dataDirOf(folder, 1), "images"),
    capBytes: 2 ** 40,
    allow: ["/"],
  });
  const keep = async (path: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const request = { url: `file://${path}`, checksum: null };
    const begun = await store.ensure(request, HOLDER, resolve);
    if (begun.state === "fetching") await promise;
    const state = await store.ensure(request, HOLDER, () => undefined);
    if (state.state !== "ready") throw new Error(`${path} could not be stored`);
    return state.image;
  };
  try {
    const x86_64 = await getPackages("bootloader", SIGNED_BOOTLOADER);
    const bootloader = await createBootloaders({ store, settings: { x86_64 } }).prepare("x86_64", HOLDER);
    const images = { kernel: await keep(kernel), ramdisk: await keep(ramdisk) };
    const disc = { id: "disc_bench", ...composeDisc({ ...images, bootloader, kernelArgs: "console=ttyS0" }) };
    const whose = { recordId: "dep_bench", bmcHost: "127.0.0.1" };
    const exposure: ExposedDisc = { kind: "disc", secretHash: hashOf(SECRET), ...whose, disc };
    return { exposure, path: discPath(SECRET), sizeBytes: disc.sizeBytes };
  } finally {
    await store.close();
  }
}

/** The data directory of one of the servers. */
export function dataDirOf(folder: string, server: number): string {
  return join(folder, `server-${server}`);
}

/** Another data directory with the images of the first, of which a second copy would only fill the memory. */
export function shareImages(folder: string, server: number): string {
  const dataDir = dataDirOf(folder, server);
  mkdirSync(dataDir, { mode: 0o700 });
  symlinkSync(join(dataDirOf(folder, 1), "images"), join(dataDir, "images"));
  return dataDir;
}
