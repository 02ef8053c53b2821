import type { LoggedRequest } from "./request-log.ts";

/**
 * Which requests are meant: a method (or none for any), a space, and a part of the path; `$` at the end stands for the
 * end of the path. "POST VirtualMedia.InsertMedia", "GET /redfish/v1/Systems/1$", "PATCH", "Sessions", "" for all.
 */
export type Match = string;

/** What is answered in place of the true answer. */
export interface Fault {
  /** 503 unless told. */
  status?: number;
  /** An object is sent as JSON, a string as it is; a Redfish error body unless told. */
  body?: unknown;
  headers?: Record<string, string>;
  /** No answer at all, on a connection that stays. */
  silent?: boolean;
  /** No answer: the connection is cut. */
  hangUp?: boolean;
  /** The request is carried out first; only its answer is lost. */
  afterActing?: boolean;
  /** For how many requests; 1 unless told. */
  times?: number;
}

export interface Hold {
  /** The request that waits. */
  readonly request: LoggedRequest;
  readonly when: "before-acting" | "after-acting";
}

/** What is to go wrong with any request, by chance. */
export interface Storm {
  /** Of all requests, 0 to 1. */
  rate: number;
  /** Of those, which go wrong how; each as likely as the others. Those of `whenActing` befall POST and PATCH alone. */
  faults: readonly Fault[];
  whenActing: readonly Fault[];
  /** 0 to 1, as Math.random; one of a known seed lets a storm be repeated. */
  random: () => number;
}

/** What is to go wrong with which request, and which requests are to wait. */
export interface Faults {
  /** @returns what takes it back */
  failNext(match: Match, fault: Fault): () => void;
  /** Makes requests fail by chance, until it is called with null. */
  storm(weather: Storm | null): void;
  /**
   * Gives each request that changes something the outcome that it had once: the first of its method and path the first of
   * them; null is for those that worked. After the last of them they work.
   */
  repeat(outcomes: ReadonlyMap<string, (Fault | null)[]>): void;
  /** How many requests failed by chance. */
  readonly struck: number;
  /**
   * Makes the next requests that match wait, until `release`, before or after they are carried out.
   *
   * @param skip how many that match pass before; none unless told
   */
  hold(match: Match, when: Hold["when"], skip?: number): void;
  /** Lets all go that wait, and holds no more. */
  release(): void;
  /** Cuts those that wait, so that what was not carried out yet never is, and holds no more. */
  drop(): void;
  readonly held: readonly Hold[];
  /** Resolves with the first request that waits. */
  whenHeld(): Promise<Hold>;
  /** For the one who carries requests out: the fault for this request, used up by asking. */
  take(request: LoggedRequest): Fault | undefined;
  /** For the same: waits here as long as it is held. Gives whether it may go on; otherwise it is to be cut. */
  pause(request: LoggedRequest, when: Hold["when"]): Promise<boolean> | undefined;
}

export function createFaults(): Faults {
  const faults: { match: Match; fault: Fault; left: number }[] = [];
  const holds: { match: Match; when: Hold["when"]; skip: number }[] = [];
  const waiting: (Hold & { end: (goesOn: boolean) => void })[] = [];
  const watchers: ((hold: Hold) => void)[] = [];

  const recorded = new Map<string, (Fault | null)[]>();
  let weather: Storm | null = null;
  let struck = 0;

  function strike(request: LoggedRequest): Fault | undefined {
    if (weather === null || weather.random() >= weather.rate) return undefined;
    const isActing = request.method === "POST" || request.method === "PATCH";
    const all = isActing ? [...weather.faults, ...weather.whenActing] : weather.faults;
    struck += 1;
    return all[Math.floor(weather.random() * all.length)];
  }

  function endHolds(goesOn: boolean): void {
    holds.length = 0;
    for (const { end } of waiting.splice(0)) end(goesOn);
  }

  return {
    failNext(match, fault) {
      const wanted = { match, fault, left: fault.times ?? 1 };
      faults.push(wanted);
      return () => void (wanted.left = 0);
    },
    repeat(outcomes) {
      for (const [what, list] of outcomes) recorded.set(what, [...list]);
    },
    storm: (next) => void (weather = next),
    get struck() {
      return struck;
    },
    hold: (match, when, skip = 0) => void holds.push({ match, when, skip }),
    release: () => endHolds(true),
    drop: () => endHolds(false),
    get held() {
      return waiting.map(({ request, when }) => ({ request, when }));
    },
    whenHeld() {
      const first = waiting[0];
      return first === undefined
        ? new Promise((resolve) => watchers.push(resolve))
        : Promise.resolve({ request: first.request, when: first.when });
    },
    take(request) {
      const index = faults.findIndex(({ match, left }) => left > 0 && matches(match, request));
      const found = faults[index];
      const again = recorded.get(`${request.method} ${request.path}`)?.shift();
      if (found === undefined) return again ?? strike(request);
      found.left -= 1;
      if (found.left <= 0) faults.splice(index, 1);
      return found.fault;
    },
    pause(request, when) {
      let isHeld = false;
      for (const hold of holds.filter((one) => one.when === when && matches(one.match, request))) {
        if (hold.skip > 0) hold.skip -= 1;
        else isHeld = true;
      }
      if (!isHeld) return undefined;
      return new Promise((end) => {
        waiting.push({ request, when, end });
        for (const tell of watchers.splice(0)) tell({ request, when });
      });
    },
  };
}

/** @see Match */
export function matches(match: Match, { method, path }: Pick<LoggedRequest, "method" | "path">): boolean {
  const [, wantedMethod, part = ""] = /^(?:([A-Z]+)(?: |$))?(.*)$/.exec(match) ?? [];
  if (wantedMethod !== undefined && wantedMethod !== method) return false;
  return part.endsWith("$") ? path.endsWith(part.slice(0, -1)) : path.includes(part);
}
