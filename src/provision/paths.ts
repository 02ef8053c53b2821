/** What a path of the listener asks for. */
export type AskedPath =
  | { kind: "disc" | "file" | "callback" | "events"; secret: string }
  /** `below` is what the agent asks of its API, with its query. */
  | { kind: "agent"; secret: string; below: string };

/** Some firmware sends the whole URL, doubles slashes where it joins host and path, or adds a query. */
const DISC = /^(?:https?:\/\/[^/?#]*)?\/+([0-9A-Za-z]{22,64})\/+boot\.(?:iso|img)(?:[?#].*)?$/;
const FILE = /^(?:https?:\/\/[^/?#]*)?\/+i\/+([0-9A-Za-z]{22,64})(?:[?#].*)?$/;
const CALLBACK = /^(?:https?:\/\/[^/?#]*)?\/+c\/+([0-9A-Za-z_-]{22,128})\/?(?:[?#].*)?$/;
/** Some BMCs put more behind it: an iDRAC was seen to repeat port and path (dell/iDRAC-Redfish-Scripting #370). */
const EVENTS = /^(?:https?:\/\/[^/?#]*)?\/+e\/+([0-9A-Za-z]{22,64})(?:[/?#].*)?$/;
const AGENT = /^(?:https?:\/\/[^/?#]*)?\/+a\/+([0-9A-Za-z]{22,64})((?:[/?].*)?)$/;

/**
 * Reads the target of a request; the paths are those of `discPath`, `filePath`, `callbackPath`, `agentPath` and `eventsPath`.
 *
 * @returns undefined for every other path
 */
export function readPath(target: string): AskedPath | undefined {
  const disc = DISC.exec(target)?.[1];
  if (disc !== undefined) return { kind: "disc", secret: disc };
  const file = FILE.exec(target)?.[1];
  if (file !== undefined) return { kind: "file", secret: file };
  const [, agent, below] = AGENT.exec(target) ?? [];
  if (agent !== undefined) return { kind: "agent", secret: agent, below: below === "" ? "/" : below! };
  const events = EVENTS.exec(target)?.[1];
  if (events !== undefined) return { kind: "events", secret: events };
  const callback = CALLBACK.exec(target)?.[1];
  return callback === undefined ? undefined : { kind: "callback", secret: callback };
}
