import { useState } from "preact/hooks";
import { showBytes, type StockAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { Link } from "../parts/place.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { plural, showAge } from "../words.ts";

/** One copy: whether it is still sound, who keeps it, and a way to be rid of it. */
export function ImageRow(props: { image: StockAnswer["items"][number]; onChange: () => void }) {
  const { digest, source, sizeBytes, usedAt, holders } = props.image;
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const nowMs = useNow();
  const [isSound, setIsSound] = useState<boolean>();
  const [isAsked, setIsAsked] = useState(false);
  const verify = async () => {
    const path = `/v1/images/${encodeURIComponent(digest)}/verify`;
    await act.run(async () => setIsSound((await server.post<{ sound: boolean }>(path, {})).sound));
    props.onChange();
  };
  const remove = async () => {
    await act.run(() => server.remove(`/v1/images/${encodeURIComponent(digest)}`));
    props.onChange();
  };
  return (
    <tr>
      <th scope="row" class="mono wrap">
        {source !== null && <span>{source}</span>}
        {source === null ? digest : <small>{digest}</small>}
        {isSound === true && <small class="good-text">as it should be</small>}
        {isSound === false && <small class="bad-text">was damaged, and is gone; it is fetched again</small>}
        {act.error !== undefined && <Problem error={act.error} />}
      </th>
      <td class="nowrap">{showBytes(sizeBytes)}</td>
      <td class="nowrap">{showAge(nowMs - Date.parse(usedAt))} ago</td>
      <td>
        <Holders ids={holders} />
      </td>
      <td class="actions">
        {may("POST /v1/images/{digest}/verify") && (
          <button type="button" disabled={act.isBusy} onClick={() => void verify()}>
            {act.isBusy ? "At it …" : "Verify"}
          </button>
        )}
        {may("DELETE /v1/images/{digest}") && (
          <button
            type="button"
            disabled={act.isBusy || holders.length > 0}
            title={holders.length > 0 ? "Somebody holds it" : ""}
            onClick={() => setIsAsked(true)}
          >
            Remove …
          </button>
        )}
        {isAsked && (
          <Confirm
            title="Remove an image"
            action="Remove it"
            isDangerous
            onConfirm={() => void remove()}
            onClose={() => setIsAsked(false)}
          >
            {source !== null && <p class="mono wrap">{source}</p>}
            <p class="mono wrap">{digest}</p>
            <p>The next deployment that needs it fetches it again.</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}

const SHOWN = 3;

function Holders({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <span class="quiet">nobody</span>;
  const more = ids.length - SHOWN;
  return (
    <>
      {ids.slice(0, SHOWN).map((id) => (
        <small key={id} class="mono wrap">
          {id.startsWith("dep_") ? <Link href={`/deployments/${id}`}>{id}</Link> : id}
        </small>
      ))}
      {more > 0 && <small>and {plural(more, "other")}</small>}
    </>
  );
}
