import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./parts/notice.tsx";
import type { Server } from "./server.ts";

interface LogInProps {
  server: Server;
  hasEnded: boolean;
  onLoggedIn: () => void;
}

/** Gives the token to the server, which gives a cookie for it: the token is kept nowhere in the page. */
export function LogIn({ server, hasEnded, onLoggedIn }: LogInProps) {
  const [error, setError] = useState<Error>();
  const [isBusy, setIsBusy] = useState(false);
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
      </form>
    </main>
  );
}
