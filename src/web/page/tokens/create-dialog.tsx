import { useState } from "preact/hooks";
import type { CreatedTokenAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Dialog } from "../parts/dialog.tsx";
import { SelectField, TextField } from "../parts/field.tsx";
import { textOf } from "../parts/form.ts";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import { readPairs } from "../words.ts";

const ROLES = {
  viewer: "viewer: reads",
  operator: "operator: deploys, cancels, switches and ejects besides",
  admin: "admin: changes nodes and tokens besides",
  auditor: "auditor: reads, the audit too",
};
const ENDS = { "1": "in a day", "30": "in 30 days", "90": "in 90 days", "365": "in a year", "": "never" };
const SCOPED = ["viewer", "operator"];
const DAY_MS = 86_400_000;

export function CreateDialog(props: { onClose: () => void; onMade: (token: CreatedTokenAnswer) => void }) {
  const { onClose, onMade } = props;
  const server = useServer();
  const act = useAct();
  const [role, setRole] = useState("viewer");
  const create = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const days = textOf(form, "ends");
    const request = {
      name: textOf(form, "name"),
      role,
      scope: SCOPED.includes(role) ? readPairs(textOf(form, "scope")) : {},
      expiresAt: days === "" ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
    };
    void act.run(async () => onMade(await server.post<CreatedTokenAnswer>("/v1/tokens", request)));
  };
  return (
    <Dialog title="Make a token" onClose={onClose}>
      <form onSubmit={create}>
        {act.error !== undefined && <Problem error={act.error} />}
        <TextField name="name" label="Name" note="shown wherever it is told who did something" required />
        <SelectField name="role" label="Role" options={ROLES} initial="viewer" onChange={setRole} />
        {SCOPED.includes(role) && (
          <TextField name="scope" label="Only for nodes with these labels" placeholder="team=red, row=1" />
        )}
        <SelectField name="ends" label="It ends" options={ENDS} initial="90" />
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="primary" disabled={act.isBusy}>
            Make it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
