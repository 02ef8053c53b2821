import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionAnswer } from "../../client/index.ts";
import { Problem } from "./parts/notice.tsx";
import type { Server } from "./server.ts";

/** What the server says in the URL when a log-in by the provider came to nothing; the rest is in its log. */
const REFUSALS: Record<string, string> = {
  "log-in-refused":
    "The provider's log-in was refused. Whoever runs this server finds the reason in its log.",
  "log-in-stale": "That log-in took too long, or was begun in another browser. Begin anew.",
  "log-in-unavailable": "The provider of log-ins cannot be reached. A token lets you in meanwhile.",
  "too-many-failed-logins": "Too many log-ins failed. Wait a minute.",
};

interface LogInProps {
  server: Server;
  hasEnded: boolean;
  /** By whom one can log in besides. */
  provider: SessionAnswer["provider"];
  onLoggedIn: (session: SessionAnswer) => void;
}

/** Gives the token to the server, which gives a cookie for it: the token is kept nowhere in the page. */
export function LogIn({ server, hasEnded, provider, onLoggedIn }: LogInProps) {
  const [error, setError] = useState<Error>();
  const [isBusy, setIsBusy] = useState(false);
  const refusal = REFUSALS[new URLSearchParams(location.search).get("log-in") ?? ""];
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Log in · Trayload";
    field.current!.focus();
  }, []);
  const logIn = (event: SubmitEvent) => {
    event.preventDefault();
    setIsBusy(true);
    server
      .logIn(field.current!.value.trim())
      .then(onLoggedIn, setError)
      .finally(() => setIsBusy(false));
  };
  return (
    <main class="log-in">
      <form onSubmit={logIn}>
        <h1>Trayload</h1>
        {hasEnded && (
          <p class="notice notice-warn">Your session has ended. Log in to go on where you were.</p>
        )}
        {refusal !== undefined && (
          <p class="notice notice-bad" role="alert">
            {refusal}
          </p>
        )}
        {error !== undefined && <Problem error={error} />}
        <label for="token">Token</label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="current-password"
          spellcheck={false}
          required
          aria-describedby="token-hint"
        />
        <p id="token-hint" class="hint">
          The first one stands in the server's data directory, in the file <code>admin-token</code>.
        </p>
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? "Logging in …" : "Log in"}
        </button>
        {provider !== null && (
          // Not a view of the page: the server sends the browser on to the provider.
          <a class="button" href={provider.path}>
            Log in by {provider.label}
          </a>
        )}
      </form>
    </main>
  );
}
