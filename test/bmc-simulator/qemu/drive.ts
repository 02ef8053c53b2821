import { DRIVE, discNode } from "./command.ts";
import type { Qmp } from "./qmp.ts";

/** The CD drive of one running QEMU. */
export interface Drive {
  /** Changes what is in it: one change at a time, in the order of the calls. Never rejects. */
  change: (url: string | null) => Promise<void>;
}

/**
 * @param wire may still be on its way.
 * @param onTrouble hears why a disc could not be put in; the drive is left open and empty then.
 */
export function createDrive(wire: Promise<Qmp>, onTrouble: (text: string) => void): Drive {
  let inside: string | null = null;
  let count = 0;
  let last = Promise.resolve();

  const takeOut = async ({ execute }: Qmp): Promise<void> => {
    // By force, as a BMC does not ask the system that has locked the tray.
    await execute("blockdev-open-tray", { id: DRIVE, force: true });
    if (!inside) return;
    await execute("blockdev-remove-medium", { id: DRIVE });
    await execute("blockdev-del", { "node-name": inside });
    inside = null;
  };
  const putIn = async ({ execute }: Qmp, url: string): Promise<void> => {
    const node = `disc-${++count}`;
    await execute("blockdev-add", discNode(node, url));
    await execute("blockdev-insert-medium", { id: DRIVE, "node-name": node });
    inside = node;
  };
  const change = async (url: string | null): Promise<void> => {
    const qmp = await wire;
    await takeOut(qmp);
    if (url !== null) await putIn(qmp, url);
    await qmp.execute("blockdev-close-tray", { id: DRIVE });
  };
  return {
    change: (url) =>
      (last = last.then(() => change(url)).catch((error: unknown) => onTrouble(explain(error)))),
  };
}

function explain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  // So says a QEMU whose curl driver, a module of its own, is not there.
  const isDriverMissing = /Unknown (protocol|driver)|does not accept value 'https?'/.test(text);
  return `the disc cannot be put in: ${text}${isDriverMissing ? " (install Debian's qemu-block-extra)" : ""}`;
}
