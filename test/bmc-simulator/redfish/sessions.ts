import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Answer, NO_CONTENT, ok, refuse } from "../answer.ts";
import type { Profile } from "../profile.ts";
import { collection, type Exchange, link, propertiesOf, type Resources, ROOT } from "./face.ts";

export interface Credentials {
  username: string;
  password: string;
}

/** Who may speak to the BMC. */
export interface Access {
  /** Undefined when the request may pass, else the refusal. */
  refusal(headers: IncomingHttpHeaders): Answer | undefined;
  readonly openSessions: number;
  /** Log-ins and Basic requests with wrong credentials so far. */
  readonly refusedLogIns: number;
  /** Ends every session, as a BMC that restarts does. */
  expireSessions(): void;
}

const SERVICE = `${ROOT}/SessionService`;
const SESSIONS = `${SERVICE}/Sessions`;

/** Adds the session service where the profile has one, and decides about Basic. Tokens end after silence (by `now`). */
export function addSessions(
  resources: Resources,
  profile: Profile,
  credentials: Credentials,
  now: () => number,
): Access {
  const open = new Map<string, { id: string; usedAt: number }>();
  let count = 0;
  let refusedLogIns = 0;
  const timeoutSeconds = profile.sessions?.timeoutSeconds ?? 0;

  function end(token: string): void {
    resources.delete(`${SESSIONS}/${open.get(token)?.id}`);
    open.delete(token);
  }

  function endSilent(): void {
    for (const [token, session] of open) if (now() - session.usedAt > timeoutSeconds * 1000) end(token);
  }

  function isRight(username: unknown, password: unknown): boolean {
    const right = username === credentials.username && password === credentials.password;
    if (!right) refusedLogIns += 1;
    return right;
  }

  function logIn({ body }: Exchange): Answer {
    const { UserName: username, Password: password, Context: context } = propertiesOf(body) ?? {};
    if (typeof username !== "string" || typeof password !== "string")
      return refuse(400, "PropertyMissing", "The property UserName or Password is missing.", ["Password"]);
    if (!isRight(username, password)) return unauthorized(profile);
    endSilent();
    if (open.size >= (profile.sessions?.limit ?? 0))
      return refuse(503, "SessionLimitExceeded", "The session establishment failed: too many sessions.");
    const token = randomBytes(16).toString("hex");
    const id = String((count += 1));
    const path = `${SESSIONS}/${id}`;
    open.set(token, { id, usedAt: now() });
    const session = {
      "@odata.type": "#Session.v1_5_0.Session",
      "@odata.id": path,
      Id: id,
      Name: `Session ${id}`,
      UserName: username,
      ...(typeof context === "string" && { Context: context }),
    };
    resources.set(path, {
      GET: () => ok(session),
      DELETE() {
        end(token);
        return NO_CONTENT;
      },
    });
    return { status: 201, headers: { "x-auth-token": token, location: path }, body: session };
  }

  if (profile.sessions !== null) addResources(resources, timeoutSeconds, logIn, () => [...open.values()]);

  return {
    refusal(headers) {
      const token = headers["x-auth-token"];
      if (typeof token === "string") {
        endSilent();
        const session = open.get(token);
        if (session === undefined) return unauthorized(profile);
        session.usedAt = now();
        return undefined;
      }
      const [scheme, encoded = ""] = (headers.authorization ?? "").split(" ");
      if (scheme === "" || scheme === undefined) return unauthorized(profile);
      const isBasic = scheme.toLowerCase() === "basic";
      if (!isBasic && profile.dialect === "sushy-tools") return internalError();
      if (!isBasic || !profile.takesBasic) return unauthorized(profile);
      const [username, ...rest] = Buffer.from(encoded, "base64").toString().split(":");
      return isRight(username, rest.join(":")) ? undefined : unauthorized(profile);
    },
    get openSessions() {
      endSilent();
      return open.size;
    },
    get refusedLogIns() {
      return refusedLogIns;
    },
    expireSessions() {
      for (const token of open.keys()) end(token);
    },
  };
}

function addResources(
  resources: Resources,
  timeoutSeconds: number,
  logIn: (exchange: Exchange) => Answer,
  sessions: () => { id: string }[],
): void {
  resources.set(SERVICE, {
    GET: () =>
      ok({
        "@odata.type": "#SessionService.v1_1_8.SessionService",
        "@odata.id": SERVICE,
        Id: "SessionService",
        Name: "Session Service",
        ServiceEnabled: true,
        SessionTimeout: timeoutSeconds,
        Sessions: link(SESSIONS),
      }),
  });
  resources.set(SESSIONS, {
    GET: () => {
      const paths = sessions().map(({ id }) => `${SESSIONS}/${id}`);
      return ok(collection(SESSIONS, "SessionCollection", paths));
    },
    POST: logIn,
    open: ["POST"],
  });
}

function unauthorized({ takesBasic, dialect }: Profile): Answer {
  const realm = dialect === "sushy-tools" ? "Baremetal API" : "BMC";
  const refusal = refuse(401, "NoValidSession", "The credentials or the session are not valid.");
  return takesBasic ? { ...refusal, headers: { "www-authenticate": `Basic realm="${realm}"` } } : refusal;
}

/** sushy-tools stumbles over any Authorization that is not Basic. */
function internalError(): Answer {
  const content = "<!doctype html><title>500 Internal Server Error</title><h1>Internal Server Error</h1>";
  return { status: 500, text: { type: "text/html; charset=utf-8", content } };
}
