import { Gauge } from "prom-client";
import type { Register } from "./registry.ts";

/** What the image store of this process holds. */
export function watchStore(
  register: Register,
  list: () => Promise<{ usedBytes: number; capBytes: number; images: unknown[]; underWay: unknown[] }>,
): void {
  const registers = [register];
  const cap = new Gauge({ name: "trayload_store_cap_bytes", help: "What images may take", registers });
  const images = new Gauge({ name: "trayload_store_images", help: "Images that are here", registers });
  const underWay = new Gauge({
    name: "trayload_store_fetches",
    help: "Images that this process brings or waits for",
    registers,
  });
  const used: Gauge = new Gauge({
    name: "trayload_store_used_bytes",
    help: "What the images take",
    registers,
    collect: async () => {
      const stock = await list();
      used.set(stock.usedBytes);
      cap.set(stock.capBytes);
      images.set(stock.images.length);
      underWay.set(stock.underWay.length);
    },
  });
}
