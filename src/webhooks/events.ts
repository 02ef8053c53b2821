import { CAMPAIGN_EVENT_TYPES, type CampaignEvent } from "../campaigns/index.ts";
import type { DeployEvent, RecordView } from "../deploy/index.ts";

/** Every type of event, so that a name that cannot come is refused; one that is forgotten here does not compile. */
const TYPES: Record<DeployEvent["type"], true> = {
  accepted: true,
  "steps-planned": true,
  "agent-refused": true,
  started: true,
  "step-started": true,
  "step-waiting": true,
  "step-done": true,
  "step-skipped": true,
  "step-retried": true,
  "step-failed": true,
  "step-retreated": true,
  learned: true,
  "action-intended": true,
  "action-accepted": true,
  "action-answered": true,
  "evidence-found": true,
  "disc-read": true,
  "image-read": true,
  "boot-progressed": true,
  "called-back": true,
  warned: true,
  "cancel-requested": true,
  succeeded: true,
  failed: true,
  cancelled: true,
  "late-success": true,
};

/** What is told unless something else is asked for. */
export const DEFAULT_EVENTS = ["deployment.succeeded", "deployment.failed", "deployment.cancelled"];

/** `deployment.succeeded`, `operation.*`, `campaign.paused`, `*`. */
export function isEventName(name: string): boolean {
  const [, kind, type] = /^(deployment|operation|campaign)\.(.+)$/.exec(name) ?? [];
  const types: readonly string[] = kind === "campaign" ? CAMPAIGN_EVENT_TYPES : Object.keys(TYPES);
  return name === "*" || type === "*" || (type !== undefined && types.includes(type));
}

export function isWanted(wanted: readonly string[], name: string): boolean {
  const kind = name.split(".")[0]!;
  return wanted.some((one) => one === "*" || one === name || one === `${kind}.*`);
}

export function nameOf(view: RecordView, event: DeployEvent): string {
  return `${view.kind}.${event.type}`;
}

/** An event of a campaign in the same mode. */
export function campaignCloudEvent(campaign: { id: string; name: string }, event: CampaignEvent): object {
  return {
    specversion: "1.0",
    id: `${campaign.id}/${event.seq}`,
    source: `/v1/campaigns/${campaign.id}`,
    type: `campaign.${event.type}`,
    time: event.at,
    subject: campaign.name,
    datacontenttype: "application/json",
    data: { campaign, event: { campaignId: campaign.id, ...event } },
  };
}

/** An event as CloudEvents 1.0 has it, in structured mode. @param shown the event as the API shows it */
export function cloudEvent(view: RecordView, event: DeployEvent, shown: object): object {
  return {
    specversion: "1.0",
    id: `${view.id}/${event.seq}`,
    source: `/v1/${view.kind}s/${view.id}`,
    type: nameOf(view, event),
    time: event.at,
    subject: view.node.name,
    datacontenttype: "application/json",
    // CloudEvents' extension for distributed tracing.
    ...(view.traceparent === undefined ? {} : { traceparent: view.traceparent }),
    data: {
      node: view.node,
      labels: "labels" in view.request ? view.request.labels : {},
      event: shown,
    },
  };
}
