import type { Command } from "commander";
import { type QueueAnswer, showDuration } from "../../client/index.ts";
import type { Shell } from "../shell.ts";
import { table } from "../words.ts";

/** What waits, and who works. */
export function addQueueCommand(program: Command, shell: Shell): void {
  program
    .command("queue")
    .description("show what waits for a look, what is parked, and which processes work")
    .action(async () => {
      const { body } = await (await shell.connect()).call<QueueAnswer>("GET", "/v1/queue");
      shell.show(body, () => linesOf(body));
    });
}

function linesOf({ phases, hintsWaiting, workers, open }: QueueAnswer): string[] {
  const { waitingNode, parked, queued, running, overdue, longestOverdueMs } = phases;
  const late = overdue === 0 ? "none" : `${overdue}, the longest by ${showDuration(longestOverdueMs)}`;
  return [
    ...table([
      ["looked at now", String(running)],
      ["wait for a worker", String(queued)],
      ["hints in the queue", hintsWaiting === null ? "not known: Redis is away" : String(hintsWaiting)],
      ["parked", String(parked)],
      ["wait for their node", String(waitingNode)],
      ["late", late],
      ["processes that work", workers === null ? "not known: Redis is away" : String(workers.length)],
    ]),
    ...open.map(
      ({ kind, state, step, count }) => `  ${count} ${kind}s ${state}${step === null ? "" : ` in ${step}`}`,
    ),
  ];
}
