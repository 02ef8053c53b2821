import type { Problem } from "./errors.ts";

/** Proxies by the scheme of what is fetched. May hold passwords. */
export interface Proxies {
  http?: string;
  https?: string;
  none: readonly string[];
}

/** Both spellings are about; curl and others let the small one count first. */
function given(env: NodeJS.ProcessEnv, name: string): { setting: string; text: string } | undefined {
  for (const setting of [name.toLowerCase(), name]) {
    const text = env[setting];
    if (text !== undefined && text !== "") return { setting, text };
  }
  return undefined;
}

/** What `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say, in either spelling. A host without a scheme is a plain one. */
export function readProxies(env: NodeJS.ProcessEnv): Proxies {
  const [http, https] = [given(env, "HTTP_PROXY"), given(env, "HTTPS_PROXY")];
  const none = given(env, "NO_PROXY")?.text.split(/[\s,]+/) ?? [];
  return {
    ...(http === undefined ? {} : { http: withScheme(http.text) }),
    ...(https === undefined ? {} : { https: withScheme(https.text) }),
    none: none.filter((entry) => entry !== ""),
  };
}

/** A wrong one stops the start: every fetch would fail for a reason that is hard to find. */
export function checkProxies(env: NodeJS.ProcessEnv, problems: Problem[]): void {
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY"]) {
    const found = given(env, name);
    if (found === undefined) continue;
    const url = URL.canParse(withScheme(found.text)) ? new URL(withScheme(found.text)) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol))
      problems.push({ setting: found.setting, message: "must be an http:// or https:// URL of a proxy" });
  }
}

/** What may be printed. */
export function redactProxies(proxies: Proxies): Proxies {
  const bare = (text: string): string => new URL(text).origin;
  return {
    ...(proxies.http === undefined ? {} : { http: bare(proxies.http) }),
    ...(proxies.https === undefined ? {} : { https: bare(proxies.https) }),
    none: proxies.none,
  };
}

const withScheme = (text: string): string => (text.includes("://") ? text : `http://${text}`);
