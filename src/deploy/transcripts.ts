import { isDeepStrictEqual } from "node:util";
import type { ExchangeReport } from "../redfish/index.ts";
import type { Log } from "./parts.ts";

/** Where conversations with BMCs are kept by record, bounded and without secrets. */
export interface Transcripts {
  /** Adds what was said since; of a long conversation the beginning and the newest part stay. */
  add(recordId: string, exchanges: readonly ExchangeReport[]): Promise<void>;
  /** All that is kept, oldest first. */
  read(recordId: string): Promise<ExchangeReport[]>;
}

/** Gathers what is said on behalf of records, until it is kept. */
export interface Recorder {
  /** Told of each exchange for this record. */
  of(recordId: string): (report: ExchangeReport) => void;
  /** Keeps what was gathered; a failure is told in the log and changes nothing else. */
  flush(recordId: string): Promise<void>;
}

export function createRecorder(transcripts: Transcripts, log: Pick<Log, "warn">): Recorder {
  const gathered = new Map<string, ExchangeReport[]>();
  return {
    of: (recordId) => (report) => {
      const reports = gathered.get(recordId);
      if (reports === undefined) gathered.set(recordId, [report]);
      else reports.push(shortened(reports, report));
    },
    async flush(recordId) {
      const reports = gathered.get(recordId);
      if (reports === undefined) return;
      gathered.delete(recordId);
      try {
        await transcripts.add(recordId, reports);
      } catch (error) {
        log.warn({ record: recordId, error }, "what a BMC said could not be kept");
      }
    },
  };
}

/** A look that tells the same as the one before it need not hold it twice. */
function shortened(before: readonly ExchangeReport[], report: ExchangeReport): ExchangeReport {
  const last = before.findLast(({ method, path }) => method === report.method && path === report.path);
  const isSame =
    report.method === "GET" &&
    typeof report.responseBody === "object" &&
    last?.status === report.status &&
    isDeepStrictEqual(last?.responseBody, report.responseBody);
  return isSame ? { ...report, responseBody: "(as before)" } : report;
}
