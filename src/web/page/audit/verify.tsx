import { useState } from "preact/hooks";
import {
  type AuditAnswer,
  ChainFault,
  type Page,
  type Verified,
  verifyChain,
} from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import type { Server } from "../server.ts";
import { plural } from "../words.ts";

const PAGE_SIZE = 500;

/** Reckons the whole chain anew in the browser, and shows the head to keep. */
export function Verify() {
  const server = useServer();
  const act = useAct();
  const [read, setRead] = useState(0);
  const [verified, setVerified] = useState<Verified>();
  // Browsers reckon digests over https and on loopback only.
  const { subtle } = crypto as Partial<Crypto>;
  const verify = () => {
    setVerified(undefined);
    setRead(0);
    void act.run(async () => setVerified(await verifyChain(readAll(server, setRead), sha256)));
  };
  return (
    <div class="verify">
      <button
        type="button"
        disabled={act.isBusy || subtle === undefined}
        title={subtle === undefined ? "Browsers do this over https only" : ""}
        onClick={verify}
      >
        {act.isBusy ? `Verifying, ${plural(read, "entry", "entries")} so far …` : "Verify the whole chain"}
      </button>
      {act.error instanceof ChainFault ? (
        <Problem error={new Error(`The audit does not hold together: ${act.error.message}.`)} />
      ) : (
        act.error !== undefined && <Problem error={act.error} />
      )}
      <span role="status">
        {verified !== undefined && (
          <>
            <span class="good-text">
              ✓ {plural(verified.entries, "entry holds", "entries hold")} together.
            </span>{" "}
            Keep the head somewhere else: <code class="wrap">{headOf(verified)}</code>
          </>
        )}
      </span>
    </div>
  );
}

function headOf({ head }: Verified): string {
  return head === null ? "none" : `${head.seq}:${head.hash}`;
}

async function* readAll(server: Server, onRead: (count: number) => void): AsyncGenerator<AuditAnswer> {
  let cursor: string | null = "0";
  while (cursor !== null) {
    const path: string = `/v1/audit?order=oldest&limit=${PAGE_SIZE}&cursor=${cursor}`;
    const page: Page<AuditAnswer> = await server.get<Page<AuditAnswer>>(path);
    yield* page.items;
    onRead(page.items.at(-1)?.seq ?? 0);
    cursor = page.nextCursor;
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
