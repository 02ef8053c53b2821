import { useState } from "preact/hooks";
import type { CreatedTokenAnswer } from "../../../client/index.ts";

/** The token itself, which is shown this once. */
export function NewToken({ made, onClose }: { made: CreatedTokenAnswer; onClose: () => void }) {
  const [isCopied, setIsCopied] = useState(false);
  // Browsers lend the clipboard over https and on loopback only.
  const clipboard = (navigator as Partial<Navigator>).clipboard;
  return (
    <section class="new-token" aria-labelledby="new-token">
      <h2 id="new-token">The token {made.name} is made</h2>
      <p>Keep it now: it is shown this once, and nobody can read it again.</p>
      <div class="row">
        <input
          type="text"
          class="mono"
          readOnly
          aria-label="The new token"
          value={made.token}
          onFocus={(event) => event.currentTarget.select()}
        />
        {clipboard !== undefined && (
          <button
            type="button"
            onClick={() => void clipboard.writeText(made.token).then(() => setIsCopied(true))}
          >
            {isCopied ? "Copied" : "Copy"}
          </button>
        )}
        <button type="button" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </section>
  );
}
