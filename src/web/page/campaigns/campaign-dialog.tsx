import { useState } from "preact/hooks";
import type { CampaignAnswer, NodeAnswer } from "../../../client/index.ts";
import { BootFields } from "../fleet/boot-fields.tsx";
import { MoreFields } from "../fleet/more-fields.tsx";
import { OwnFields } from "../fleet/own-fields.tsx";
import { type Kind, type OwnFile, requestOf } from "../fleet/request.ts";
import { useAct } from "../parts/act.ts";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { textOf } from "../parts/form.ts";
import { Problem } from "../parts/notice.tsx";
import { go } from "../parts/place.tsx";
import { useServer } from "../parts/read.ts";
import { plural } from "../words.ts";

/** Deploys many nodes one after another, under limits. */
export function CampaignDialog({ nodes, onClose }: { nodes: readonly NodeAnswer[]; onClose: () => void }) {
  const server = useServer();
  const act = useAct();
  const [kind, setKind] = useState<Kind>("iso");
  const [files, setFiles] = useState<readonly OwnFile[]>([]);
  const begin = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void act.run(async () => {
      const campaign = await server.post<CampaignAnswer>("/v1/campaigns", {
        name: textOf(form, "name"),
        nodes: nodes.map(({ id }) => id),
        deployment: deploymentOf(kind, form, files),
        limits: limitsOf(form),
        ...(form.has("skip") ? { unfit: "skip" } : {}),
      });
      go(`/campaigns/${campaign.id}`);
    });
  };
  return (
    <Dialog title={`Campaign over ${plural(nodes.length, "node")}`} onClose={onClose}>
      <form onSubmit={begin}>
        {act.error !== undefined && <Problem error={act.error} />}
        <TextField name="name" label="Name of the campaign" required placeholder="noble-2026-11" />
        <BootFields kind={kind} onKind={setKind} isoUrl={nodes[0]?.deployment?.boot.iso?.url ?? ""} />
        <OwnFields files={files} onFiles={setFiles} />
        <MoreFields kind={kind} isOfMany />
        <fieldset>
          <legend>Limits</legend>
          <div class="pair">
            <Count name="concurrent" label="At once" note="50 unless given" />
            <Count name="canary" label="Canaries first" note="none unless given" />
            <Count name="perRack" label="At once in a rack" />
            <Count name="perSite" label="At once in a site" />
          </div>
          <Count
            name="maxFailures"
            label="Pause at so many failures"
            note="a tenth, but 3 at least, unless given"
          />
        </fieldset>
        <label class="check">
          <input name="skip" type="checkbox" /> Leave out nodes that cannot be deployed so
        </label>
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="primary" disabled={act.isBusy}>
            {act.isBusy ? "Asking …" : "Begin the campaign"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Count({ name, label, note }: { name: string; label: string; note?: string }) {
  return (
    <TextField
      name={name}
      label={label}
      {...(note === undefined ? {} : { note })}
      type="number"
      min={name === "canary" ? 0 : 1}
    />
  );
}

/** The campaign itself waits for busy nodes, so that its deployments need not. */
function deploymentOf(kind: Kind, form: FormData, files: readonly OwnFile[]): object {
  const { whenBusy: _, ...deployment } = requestOf(kind, form, files) as { whenBusy?: string };
  return deployment;
}

const LIMITS = ["concurrent", "canary", "perRack", "perSite", "maxFailures"];

function limitsOf(form: FormData): object {
  const given = LIMITS.filter((name) => textOf(form, name) !== "");
  return Object.fromEntries(given.map((name) => [name, Number(textOf(form, name))]));
}
