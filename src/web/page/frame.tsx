import type { ComponentChildren } from "preact";
import { Link, usePlace } from "./parts/place.tsx";
import { useMay, useSession } from "./parts/session.ts";

interface Entry {
  href: string;
  label: string;
  /** Without the right to it a page is not offered. */
  needs: string;
  isHere: (path: string) => boolean;
}

const at = (href: string) => (path: string) => path === href || path.startsWith(`${href}/`);

const ENTRIES: readonly Entry[] = [
  {
    href: "/",
    label: "Fleet",
    needs: "GET /v1/nodes",
    isHere: (path) => path === "/" || path === "/add-node" || path.startsWith("/nodes/"),
  },
  { href: "/deployments", label: "Deployments", needs: "GET /v1/deployments", isHere: at("/deployments") },
  { href: "/campaigns", label: "Campaigns", needs: "GET /v1/campaigns", isHere: at("/campaigns") },
  { href: "/images", label: "Images", needs: "GET /v1/images", isHere: at("/images") },
  { href: "/queue", label: "Queue", needs: "GET /v1/queue", isHere: at("/queue") },
  { href: "/audit", label: "Audit", needs: "GET /v1/audit", isHere: at("/audit") },
  { href: "/tokens", label: "Tokens", needs: "GET /v1/tokens", isHere: at("/tokens") },
];

/** What stands around every page: where one is, where one can go, and who one is. */
export function Frame({ onLogOut, children }: { onLogOut: () => void; children: ComponentChildren }) {
  const { path } = usePlace();
  const may = useMay();
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
          {ENTRIES.filter(({ needs }) => may(needs)).map(({ href, label, isHere }) => (
            <Link key={href} href={href} {...(isHere(path) ? { "aria-current": "page" as const } : {})}>
              {label}
            </Link>
          ))}
          <a href="/docs">API</a>
        </nav>
        <Who />
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

/** As whom one is logged in, and for which nodes. */
function Who() {
  const { name, role, scope } = useSession();
  const bounds = Object.entries(scope).map(([label, value]) => `${label}=${value}`);
  return (
    <span class="who" title={bounds.length === 0 ? "For all nodes" : `For nodes with ${bounds.join(", ")}`}>
      {name} <small>{[role, ...bounds].join(" · ")}</small>
    </span>
  );
}

/** Its path holds the hash of its content, which only the page's head knows. */
function icon(): string {
  return document.querySelector<HTMLLinkElement>("link[rel=icon]")!.href;
}
