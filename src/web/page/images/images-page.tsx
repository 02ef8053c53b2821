import { showBytes, type StockAnswer } from "../../../client/index.ts";
import { ProgressBar } from "../parts/badge.tsx";
import { Notice } from "../parts/notice.tsx";
import { useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { Table } from "../parts/table.tsx";
import { ImageRow } from "./image-row.tsx";
import { PullForm } from "./pull-form.tsx";

const EVERY_MS = 2000;

/** What the store has, what comes, and what is asked for ahead. */
export function ImagesPage() {
  useTitle("Images");
  const may = useMay();
  const read = useRead<StockAnswer>("/v1/images", EVERY_MS);
  const stock = read.data;
  return (
    <>
      <div class="heading">
        <h1>Images</h1>
        {stock !== undefined && <Used {...stock} />}
      </div>
      {may("POST /v1/images") && <PullForm onChange={read.refresh} />}
      <Notice read={read} what="the store of images" />
      {stock !== undefined && stock.underWay.length > 0 && <UnderWay items={stock.underWay} />}
      {stock !== undefined &&
        (stock.items.length === 0 ? (
          <div class="empty">
            <h2>The store is empty</h2>
            <p>Images come into it by themselves when a deployment needs them, or ahead of that by a pull.</p>
          </div>
        ) : (
          <Table name="Images" columns={["Image", "Size", "Last used", "Held by", ""]}>
            {stock.items.map((image) => (
              <ImageRow key={image.digest} image={image} onChange={read.refresh} />
            ))}
          </Table>
        ))}
    </>
  );
}

function Used({ usedBytes, capBytes }: StockAnswer) {
  const percent = capBytes === 0 ? 0 : Math.round((usedBytes / capBytes) * 100);
  return (
    <div class="used">
      <span>
        {showBytes(usedBytes)} of {showBytes(capBytes)} used
      </span>
      <ProgressBar percent={percent} label="Share of the store that is used" />
    </div>
  );
}

function UnderWay({ items }: { items: StockAnswer["underWay"] }) {
  return (
    <section aria-labelledby="under-way">
      <h2 id="under-way">On their way</h2>
      <ul class="under-way">
        {items.map(({ source, bytesRead, sizeBytes }) => (
          <li key={source}>
            <span class="mono wrap">{source}</span>
            {sizeBytes !== null && sizeBytes > 0 && (
              <ProgressBar
                percent={Math.floor((bytesRead / sizeBytes) * 100)}
                label={`${source}: share fetched`}
              />
            )}
            <small>
              {showBytes(bytesRead)} {sizeBytes === null ? "so far" : `of ${showBytes(sizeBytes)}`}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
