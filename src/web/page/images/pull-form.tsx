import { useRef, useState } from "preact/hooks";
import { type FetchAnswer, showBytes } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { TextField } from "../parts/field.tsx";
import { textOf } from "../parts/form.ts";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";

/** How long one answer is held; a longer fetch is asked after again. */
const HELD_MS = 30_000;

/** Fetches an image before a deployment needs it. */
export function PullForm({ onChange }: { onChange: () => void }) {
  const server = useServer();
  const act = useAct();
  const [done, setDone] = useState<FetchAnswer>();
  const form = useRef<HTMLFormElement>(null);
  const pull = async (event: SubmitEvent) => {
    event.preventDefault();
    setDone(undefined);
    const given = new FormData(form.current!);
    const checksum = textOf(given, "checksum");
    const request = { url: textOf(given, "url"), ...(checksum === "" ? {} : { checksum }) };
    const isDone = await act.run(async () => {
      let answer = await server.post<FetchAnswer>("/v1/images", request);
      while (answer.state === "fetching") {
        onChange();
        answer = await server.post<FetchAnswer>(`/v1/images?waitMs=${HELD_MS}`, request);
      }
      setDone(answer);
    });
    onChange();
    if (isDone) form.current?.reset();
  };
  return (
    <section aria-label="Fetch an image">
      <form ref={form} class="row" onSubmit={(event) => void pull(event)}>
        <TextField
          name="url"
          label="Image"
          inputMode="url"
          required
          placeholder="https://images.example/installer.iso or oci://…"
        />
        <TextField name="checksum" label="Checksum" note="recommended" placeholder="sha256:…" />
        <button type="submit" class="primary" disabled={act.isBusy}>
          {act.isBusy ? "Fetching …" : "Fetch"}
        </button>
      </form>
      {act.error !== undefined && <Problem error={act.error} />}
      <p role="status" class="quiet">
        {done !== undefined && `It is here: ${showBytes(done.sizeBytes ?? 0)}, ${done.digest}`}
      </p>
    </section>
  );
}
