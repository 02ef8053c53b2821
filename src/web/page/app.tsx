import { useEffect, useMemo, useState } from "preact/hooks";
import type { SessionAnswer } from "../../client/index.ts";
import { AuditPage } from "./audit/audit-page.tsx";
import { CampaignPage } from "./campaigns/campaign-page.tsx";
import { CampaignsPage } from "./campaigns/campaigns-page.tsx";
import { DeploymentPage } from "./deployment/deployment-page.tsx";
import { DeploymentsPage } from "./deployment/deployments-page.tsx";
import { FleetPage } from "./fleet/fleet-page.tsx";
import { Frame } from "./frame.tsx";
import { ImagesPage } from "./images/images-page.tsx";
import { LogIn } from "./log-in.tsx";
import { AddNodePage } from "./node/add-node-page.tsx";
import { NodePage } from "./node/node-page.tsx";
import { Link, usePlace } from "./parts/place.tsx";
import { ServerContext } from "./parts/read.ts";
import { SessionContext } from "./parts/session.ts";
import { QueuePage } from "./queue/queue-page.tsx";
import { createServer } from "./server.ts";
import { TokensPage } from "./tokens/tokens-page.tsx";

/** The session, and which page is shown in the frame. */
export function App() {
  const [session, setSession] = useState<SessionAnswer | "unknown" | "out" | "ended">("unknown");
  const [provider, setProvider] = useState<SessionAnswer["provider"]>(null);
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
      (found) => {
        setProvider(found.provider);
        setSession(found.signedIn ? found : "out");
      },
      () => setSession("out"),
    );
  }, [server]);

  if (session === "unknown") return null;
  if (typeof session === "string")
    return (
      <LogIn server={server} hasEnded={session === "ended"} provider={provider} onLoggedIn={setSession} />
    );
  const logOut = () => void server.logOut().finally(() => setSession("out"));
  return (
    <ServerContext.Provider value={server}>
      <SessionContext.Provider value={session}>
        <Frame onLogOut={logOut}>
          <CurrentPage />
        </Frame>
      </SessionContext.Provider>
    </ServerContext.Provider>
  );
}

const PAGES: Record<string, () => preact.JSX.Element> = {
  "/": FleetPage,
  "/add-node": AddNodePage,
  "/campaigns": CampaignsPage,
  "/deployments": DeploymentsPage,
  "/images": ImagesPage,
  "/queue": QueuePage,
  "/audit": AuditPage,
  "/tokens": TokensPage,
};

function CurrentPage() {
  const { path } = usePlace();
  const Page = PAGES[path];
  if (Page !== undefined) return <Page />;
  const [, kind, id] = /^\/(campaigns|deployments|nodes)\/([^/]+)$/.exec(path) ?? [];
  if (kind === "campaigns") return <CampaignPage key={id} id={id!} />;
  if (kind === "deployments") return <DeploymentPage key={id} id={id!} />;
  if (kind === "nodes") return <NodePage key={id} id={decodeURIComponent(id!)} />;
  return (
    <div class="empty">
      <h1>There is no such page</h1>
      <p>
        The <Link href="/">fleet</Link> is a good place to begin.
      </p>
    </div>
  );
}
