import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { DeploymentPage } from "./deployment/deployment-page.tsx";
import { DeploymentsPage } from "./deployment/deployments-page.tsx";
import { FleetPage } from "./fleet/fleet-page.tsx";
import { LogIn } from "./log-in.tsx";
import { NodePage } from "./node/node-page.tsx";
import { Link, usePlace } from "./parts/place.tsx";
import { ServerContext } from "./parts/read.ts";
import { createServer, type Provider } from "./server.ts";

type Session = "unknown" | "in" | "out" | "ended";

/** The session, the frame around every page, and which page it is. */
export function App() {
  const [session, setSession] = useState<Session>("unknown");
  const [provider, setProvider] = useState<Provider | null>(null);
  const server = useMemo(
    () =>
      createServer(
        (input, init) => fetch(input, init),
        () => setSession("ended"),
      ),
    [],
  );
  useEffect(() => {
    server.session().then(
      ({ signedIn, provider: known }) => {
        setProvider(known);
        setSession(signedIn ? "in" : "out");
      },
      () => setSession("out"),
    );
  }, [server]);

  if (session === "unknown") return null;
  if (session !== "in")
    return (
      <LogIn
        server={server}
        hasEnded={session === "ended"}
        provider={provider}
        onLoggedIn={() => setSession("in")}
      />
    );
  const logOut = () => void server.logOut().finally(() => setSession("out"));
  return (
    <ServerContext.Provider value={server}>
      <Frame onLogOut={logOut}>
        <CurrentPage />
      </Frame>
    </ServerContext.Provider>
  );
}

function Frame({ onLogOut, children }: { onLogOut: () => void; children: ComponentChildren }) {
  const { path } = usePlace();
  const current = (isHere: boolean) => (isHere ? { "aria-current": "page" as const } : {});
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <Link href="/" class="brand">
          <img src={icon()} alt="" width="22" height="22" />
          Trayload
        </Link>
        <nav aria-label="Pages">
          <Link href="/" {...current(path === "/" || path.startsWith("/nodes/"))}>
            Fleet
          </Link>
          <Link href="/deployments" {...current(path.startsWith("/deployments"))}>
            Deployments
          </Link>
          <a href="/docs">API</a>
        </nav>
        <button type="button" class="plain" onClick={onLogOut}>
          Log out
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** Its path holds the hash of its content, which only the page's head knows. */
function icon(): string {
  return document.querySelector<HTMLLinkElement>("link[rel=icon]")!.href;
}

function CurrentPage() {
  const { path } = usePlace();
  const [, kind, id] = /^\/(deployments|nodes)\/([^/]+)$/.exec(path) ?? [];
  if (path === "/") return <FleetPage />;
  if (path === "/deployments") return <DeploymentsPage />;
  if (kind === "deployments") return <DeploymentPage key={id} id={id!} />;
  if (kind === "nodes") return <NodePage key={id} id={decodeURIComponent(id!)} />;
  return <p>There is no such page.</p>;
}
