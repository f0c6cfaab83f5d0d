import type { Look } from '#cli/render/look.ts'
import { renderLimits, renderQueue, renderWorkers } from '#cli/render/queue-view.ts'
import { renderPosted, renderTask, renderTasks } from '#cli/render/tasks-view.ts'

/** How answers of operations look on a terminal, where they have a form of their own. */
export const answerViews: Readonly<Record<string, (look: Look, answer: never) => string[]>> = {
  'limits.list': renderLimits,
  'queue.show': renderQueue,
  'tasks.list': renderTasks,
  'tasks.post': renderPosted,
  'tasks.show': renderTask,
  'workers.list': renderWorkers,
}
