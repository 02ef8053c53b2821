import { type Answer, messageIdOf, NO_CONTENT, ok, refuse } from "../answer.ts";
import { collection, link, type Resources, ROOT } from "./face.ts";

const SERVICE = `${ROOT}/TaskService`;
const TASKS = `${SERVICE}/Tasks`;
/** Finished tasks that are kept, as a BMC's small memory would. */
const KEPT = 20;

interface Task {
  id: string;
  startTime: string;
  /** Undefined while it runs. */
  outcome?: Answer;
}

/** Long work as tasks (DSP0266, "Asynchronous operations"): 202 with a monitor that tells the end once. */
export interface Tasks {
  /** Starts the work and answers 202. */
  begin(work: () => Promise<Answer>): Answer;
}

export function addTasks(resources: Resources, retryAfter: string | null): Tasks {
  const tasks: Task[] = [];
  let count = 0;
  resources.set(SERVICE, {
    GET: () =>
      ok({
        "@odata.type": "#TaskService.v1_2_0.TaskService",
        "@odata.id": SERVICE,
        Id: "TaskService",
        Name: "Task Service",
        ServiceEnabled: true,
        Tasks: link(TASKS),
      }),
  });
  resources.set(TASKS, {
    GET: () =>
      ok(
        collection(
          TASKS,
          "TaskCollection",
          tasks.map(({ id }) => `${TASKS}/${id}`),
        ),
      ),
  });

  const pace = retryAfter === null ? {} : { "retry-after": retryAfter };
  const running = (task: Task, location: string): Answer => ({
    status: 202,
    headers: { location, ...pace },
    body: body(task),
  });

  function add(): { task: Task; monitor: string } {
    const id = String((count += 1));
    const task: Task = { id, startTime: new Date().toISOString() };
    const monitor = `${SERVICE}/TaskMonitors/${id}`;
    tasks.push(task);
    const oldest = tasks.length > KEPT ? tasks.shift() : undefined;
    if (oldest !== undefined) resources.delete(`${TASKS}/${oldest.id}`);
    resources.set(`${TASKS}/${id}`, { GET: () => ok(body(task)) });
    resources.set(monitor, {
      GET() {
        if (task.outcome === undefined) return running(task, monitor);
        resources.delete(monitor);
        return task.outcome;
      },
    });
    return { task, monitor };
  }

  return {
    begin(work) {
      const { task, monitor } = add();
      work().then(
        (answer) => (task.outcome = answer),
        (error: unknown) => (task.outcome = refuse(500, "InternalError", String(error))),
      );
      return running(task, monitor);
    },
  };
}

function body({ id, startTime, outcome }: Task): Record<string, unknown> {
  const isRight = (outcome ?? NO_CONTENT).status < 400;
  return {
    "@odata.type": "#Task.v1_7_0.Task",
    "@odata.id": `${TASKS}/${id}`,
    Id: id,
    Name: `Task ${id}`,
    TaskState: outcome === undefined ? "Running" : isRight ? "Completed" : "Exception",
    TaskStatus: isRight ? "OK" : "Critical",
    StartTime: startTime,
    ...(outcome?.failure && {
      Messages: [{ MessageId: messageIdOf(outcome.failure.messageId), Message: outcome.failure.message }],
    }),
  };
}
