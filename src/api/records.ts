import { isFinal as isFinalState, type RecordStore, type RecordView } from "../deploy/index.ts";
import { Problem } from "./problem.ts";

export function isFinal(view: RecordView): boolean {
  return isFinalState(view.state);
}

/** @throws Problem when there is no such record, or it is of the other kind */
export function mustBe(kind: RecordView["kind"], id: string, view: RecordView | undefined): RecordView {
  if (view?.kind === kind) return view;
  throw new Problem(`${kind}-not-found`, `There is no ${kind} ${id}.`);
}

export async function readRecord(
  records: Pick<RecordStore, "get">,
  kind: RecordView["kind"],
  id: string,
): Promise<RecordView> {
  return mustBe(kind, id, await records.get(id));
}

/** Seconds after which asking a record again is worth while. */
export function pollSeconds(view: RecordView): string {
  return isFinal(view) ? "60" : "2";
}
