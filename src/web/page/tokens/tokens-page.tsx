import { useState } from "preact/hooks";
import type { CreatedTokenAnswer, TokenAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Notice, Problem } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { useTitle } from "../parts/place.tsx";
import { useRead, useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { Table } from "../parts/table.tsx";
import { showAge } from "../words.ts";
import { CreateDialog } from "./create-dialog.tsx";
import { NewToken } from "./new-token.tsx";

const EVERY_MS = 15_000;

/** Who else may use the API. */
export function TokensPage() {
  useTitle("Tokens");
  const may = useMay();
  const read = useRead<{ items: TokenAnswer[] }>("/v1/tokens", EVERY_MS);
  const [isAsked, setIsAsked] = useState(false);
  const [made, setMade] = useState<CreatedTokenAnswer>();
  const items = read.data?.items;
  return (
    <>
      <div class="heading">
        <h1>Tokens</h1>
        {may("POST /v1/tokens") && (
          <button type="button" class="primary" onClick={() => setIsAsked(true)}>
            Make a token …
          </button>
        )}
      </div>
      {made !== undefined && <NewToken made={made} onClose={() => setMade(undefined)} />}
      <Notice read={read} what="tokens" />
      {items?.length === 0 && (
        <div class="empty">
          <h2>There is only the first token</h2>
          <p>Give each person and each pipeline one of their own: the audit then tells them apart.</p>
        </div>
      )}
      {items !== undefined && items.length > 0 && (
        <Table name="Tokens" columns={["Name", "Role", "For nodes", "Made", "Last used", "Ends", ""]}>
          {items.map((token) => (
            <TokenRow key={token.id} token={token} onChange={read.refresh} />
          ))}
        </Table>
      )}
      {isAsked && (
        <CreateDialog
          onClose={() => setIsAsked(false)}
          onMade={(token) => {
            setMade(token);
            setIsAsked(false);
            read.refresh();
          }}
        />
      )}
    </>
  );
}

function TokenRow({ token, onChange }: { token: TokenAnswer; onChange: () => void }) {
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const nowMs = useNow();
  const [isAsked, setIsAsked] = useState(false);
  const { id, name, role, scope, createdAt, createdBy, lastUsedAt, expiresAt } = token;
  const revoke = () => void act.run(() => server.remove(`/v1/tokens/${id}`)).then(onChange);
  const bounds = Object.entries(scope).map(([label, value]) => `${label}=${value}`);
  const hasEnded = expiresAt !== null && Date.parse(expiresAt) <= nowMs;
  return (
    <tr>
      <th scope="row">
        {name}
        {act.error !== undefined && <Problem error={act.error} />}
      </th>
      <td>{role}</td>
      <td>{bounds.length === 0 ? "all" : bounds.join(", ")}</td>
      <td>
        {new Date(createdAt).toLocaleDateString()}
        <small>by {createdBy}</small>
      </td>
      <td>
        {lastUsedAt === null ? (
          <span class="quiet">never</span>
        ) : (
          `${showAge(nowMs - Date.parse(lastUsedAt))} ago`
        )}
      </td>
      <td class={hasEnded ? "warn-text" : ""}>
        {expiresAt === null ? <span class="quiet">never</span> : new Date(expiresAt).toLocaleString()}
        {hasEnded && <small class="warn-text">has ended</small>}
      </td>
      <td class="actions">
        {may("DELETE /v1/tokens/{id}") && (
          <button type="button" class="danger" disabled={act.isBusy} onClick={() => setIsAsked(true)}>
            Revoke …
          </button>
        )}
        {isAsked && (
          <Confirm
            title={`Revoke ${name}`}
            action="Revoke it"
            isDangerous
            onConfirm={revoke}
            onClose={() => setIsAsked(false)}
          >
            <p>
              Whoever uses it is let in no more, at once and for good. Sessions that began with it end too.
            </p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}
