import { useState } from "preact/hooks";
import {
  type DeploymentAnswer,
  type EventAnswer,
  sayBootState,
  showDuration,
} from "../../../client/index.ts";
import { Badge, figuresOf, ProgressBar } from "../parts/badge.tsx";
import { LiveMark, useLive } from "../parts/live.tsx";
import { Notice } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { Link, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { recordStatus } from "../status.ts";
import { showAge } from "../words.ts";
import { DeploymentActions } from "./deployment-actions.tsx";
import { EventList } from "./event-list.tsx";
import { FailureBox, WaitingBox } from "./boxes.tsx";
import { Plot } from "./plot.tsx";
import { RequestFacts } from "./request-facts.tsx";
import { addPoint, type Point, pointOfEvent, pointOfSample } from "./series.ts";
import { Timeline } from "./timeline.tsx";

const EVERY_MS = 15_000;
const LAST: readonly string[] = ["succeeded", "failed", "cancelled"];

/** One deployment, as it happens. */
export function DeploymentPage({ id }: { id: string }) {
  const read = useRead<DeploymentAnswer>(`/v1/deployments/${id}`, EVERY_MS);
  const [events, setEvents] = useState<readonly EventAnswer[]>([]);
  const [series, setSeries] = useState<readonly Point[]>([]);
  const [progress, setProgress] = useState<DeploymentAnswer["progress"]>(null);
  const add = (point: Point | undefined) => point && setSeries((before) => addPoint(before, point));
  const live = useLive(`/v1/deployments/${id}/events`, {
    onEvent: (event) => {
      setEvents((before) => (before.some(({ seq }) => seq === event.seq) ? before : [...before, event]));
      add(pointOfEvent(event));
      read.refresh();
    },
    onProgress: (sample) => {
      setProgress(sample);
      add(pointOfSample(sample));
    },
    onReset: () => {
      setEvents([]);
      read.refresh();
    },
    isLast: ({ type }) => LAST.includes(type),
  });
  const deployment = read.data;
  useTitle(deployment === undefined ? "Deployment" : `${deployment.node.name}: ${deployment.state}`);
  return (
    <>
      <div class="heading">
        <p class="trail">
          <Link href="/deployments">Deployments</Link>
        </p>
        <LiveMark state={live} />
      </div>
      <Notice read={read} what="the deployment" />
      {deployment !== undefined && (
        <Whole
          deployment={newest(deployment, progress)}
          events={events}
          series={series}
          onChange={read.refresh}
        />
      )}
    </>
  );
}

/** Samples come between readings. */
function newest(deployment: DeploymentAnswer, sample: DeploymentAnswer["progress"]): DeploymentAnswer {
  const isNewer = sample !== null && sample.sampledAt > (deployment.progress?.sampledAt ?? "");
  return isNewer && !deployment.final ? { ...deployment, progress: sample } : deployment;
}

interface WholeProps {
  deployment: DeploymentAnswer;
  events: readonly EventAnswer[];
  series: readonly Point[];
  onChange: () => void;
}

function Whole({ deployment, events, series, onChange }: WholeProps) {
  const nowMs = useNow();
  const { progress, error, waitingOn } = deployment;
  return (
    <>
      <Head deployment={deployment} nowMs={nowMs} onChange={onChange} />
      {error !== null && <FailureBox failure={error} />}
      {waitingOn !== null && !deployment.final && <WaitingBox waitingOn={waitingOn} nowMs={nowMs} />}
      <div class="columns">
        <div>
          <section aria-labelledby="steps">
            <h2 id="steps">Steps</h2>
            <Timeline deployment={deployment} nowMs={nowMs} />
            {deployment.bootProgress != null && (
              <p class="quiet">The BMC says of the boot: {sayBootState(deployment.bootProgress.state)}</p>
            )}
          </section>
          <RequestFacts deployment={deployment} />
        </div>
        <div>
          <section aria-labelledby="disc">
            <h2 id="disc">Disc</h2>
            {progress !== null && (
              <>
                {!deployment.final && <ProgressBar percent={progress.percent} label="Progress" />}
                <p class="figures">
                  {figuresOf(progress, nowMs)
                    .slice(deployment.final ? 1 : 0)
                    .join(" · ")}
                  {!deployment.final && progress.etaFrom === "history" && (
                    <span class="quiet"> (judged by what like deployments took)</span>
                  )}
                </p>
              </>
            )}
            <Plot
              series={series}
              sizeBytes={progress?.discSizeBytes ?? 0}
              bytesRead={progress?.discBytesRead ?? 0}
              now={deployment.final ? null : { atMs: nowMs, rate: progress?.bytesPerSecond ?? 0 }}
            />
          </section>
          <section aria-labelledby="events">
            <h2 id="events">Events</h2>
            <EventList events={events} />
          </section>
        </div>
      </div>
    </>
  );
}

function Head(props: { deployment: DeploymentAnswer; nowMs: number; onChange: () => void }) {
  const { deployment, nowMs } = props;
  const { node, state, cancelRequested, createdAt, startedAt, endedAt, retryOf, retriedAs } = deployment;
  const began = Date.parse(startedAt ?? createdAt);
  const took =
    endedAt === null ? `for ${showAge(nowMs - began)}` : `took ${showDuration(Date.parse(endedAt) - began)}`;
  return (
    <div class="head">
      <div>
        <h1>
          <Link href={`/nodes/${node.id}`}>{node.name}</Link>{" "}
          <Badge {...recordStatus(state, cancelRequested !== null)} />
        </h1>
        <p class="quiet">
          <span class="mono">{deployment.id}</span> · asked {new Date(createdAt).toLocaleString()} · {took}
          {retryOf !== null && (
            <>
              {" · "}
              <Link href={`/deployments/${retryOf}`}>retry of an earlier one</Link>
            </>
          )}
          {retriedAs != null && (
            <>
              {" · "}
              <Link href={`/deployments/${retriedAs}`}>retried since</Link>
            </>
          )}
        </p>
      </div>
      <DeploymentActions {...props} />
    </div>
  );
}
