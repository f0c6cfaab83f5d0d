import { z } from 'zod'

import { listBackgroundTasks } from '#catalog/background-tasks.ts'
import { taskName } from '#catalog/background-ids.ts'
import { defineOperation } from '#operations/operation.ts'
import { backgroundTaskData, toBackgroundTaskData } from '#operations/tasks/background-data.ts'
import { taskStates } from '#operations/tasks/task-data.ts'
import { taskIdOf } from '#operations/tasks/task-id.ts'
import { taskNameField } from '#tasks/task-request.ts'

export const listTasksOperation = defineOperation({
  name: 'tasks.list',
  summary: 'Background tasks, newest first; with --states failed the dead letters',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/tasks' },
  input: z.strictObject({
    name: taskNameField.optional().describe('Only tasks of this name.'),
    states: z.array(z.enum(taskStates)).optional().describe('Only tasks in these states.'),
    since: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('Only tasks that were posted at this time or later.'),
    cursor: z.string().max(40).optional().describe('Where the former answer ended (`next`).'),
    limit: z.int().min(1).max(1_000).default(50).describe('Most tasks of the answer.'),
  }),
  output: z.object({ tasks: z.array(backgroundTaskData), next: z.string().nullable() }),
  async handler({ name, states, since, cursor, limit }, { parts, caller }) {
    const tasks = await parts.catalog.asTenant(caller.tenant, (session) =>
      listBackgroundTasks(session, {
        name,
        states,
        since: since === undefined ? undefined : new Date(since),
        before: cursor === undefined ? undefined : taskIdOf(cursor),
        limit: limit + 1,
      }),
    )
    const page = tasks.slice(0, limit)
    const last = page.at(-1)
    return {
      tasks: page.map(toBackgroundTaskData),
      next: tasks.length > limit && last ? taskName(last.id) : null,
    }
  },
})
