/**
 * By what a row recognises a BMC: all that is given must fit. Patterns are regular expressions that ignore case, kept as
 * text so that rows are plain data.
 */
export interface QuirkMatch {
  /** The service root's Vendor or the system's Manufacturer. */
  vendor?: string;
  /** The service root's Product or the system's Model. */
  product?: string;
  /** A name under the service root's Oem. */
  oem?: string;
  /** The Model of one of its managers. */
  manager?: string;
  /** FirmwareVersion of one of its managers, by its first numbers: from the one on, below the other. */
  firmware?: { from?: string; below?: string };
  /** The Id of one of its slots. */
  slot?: string;
}

/** Parameters of InsertMedia that some BMCs want beside `Image`. */
export type InsertParameter = "TransferProtocolType" | "TransferMethod" | "UserName" | "Password";

/** In what a BMC differs from what its tree and the standard say. */
export interface Ways {
  /** Patterns of slot Ids: which to try first, and which never take a disc from a URL. */
  slotsFirst?: string;
  slotsNever?: string;
  /** Override targets that boot the disc, best first. */
  discTargets?: readonly string[];
  /** Whether a PATCH of Boot must hold Enabled, Target and Mode together. */
  wantsWholeBoot?: boolean;
  /** Whether a PATCH of Boot must name the ETag. */
  wantsTaggedBoot?: boolean;
  /** Sent with the first insert already, which is otherwise refused. */
  insertsWith?: readonly InsertParameter[];
  /** Whether a maker's own switch for the next boot goes before the standard's override. */
  bootsByMaker?: boolean;
  /** Reads the disc within so many milliseconds after an insert that has worked, before the machine is switched on. */
  readsWithinMs?: number;
  /** Schemes of the URLs that it fetches a disc from; where several addresses of ours are told, one of these is chosen. */
  discSchemes?: readonly ("http" | "https")[];
  /** Names of messages that refuse a change for now, whatever the status: the last part of a MessageId, without its registry. */
  busyMessages?: readonly string[];
  /** Statuses of an insert after which surely nothing was done, though they are 5xx. */
  insertRefusals?: readonly number[];
}

/** One row: how a BMC is recognised, what differs, why that matters, and where it was seen. */
export interface Quirk {
  name: string;
  match: QuirkMatch;
  differs: Ways;
  why: string;
  seen: string;
}
