import type { RecordView } from "../../deploy/index.ts";
import type { Progress } from "../schemas/deployment.ts";
import { presentDeployment } from "./record.ts";

const texts = new WeakMap<RecordView, string>();

/**
 * A deployment as JSON. All but its progress is the same as long as its view is, which lists read again and again: it is
 * written once.
 */
export function writeDeployment(view: RecordView, progress: Progress | null): string {
  const known = texts.get(view) ?? writeLasting(view);
  texts.set(view, known);
  return `${known},"progress":${JSON.stringify(progress)}}`;
}

/** Without the bracket that ends it. */
function writeLasting(view: RecordView): string {
  const { progress: _, ...lasting } = presentDeployment(view, null);
  return JSON.stringify(lasting).slice(0, -1);
}
