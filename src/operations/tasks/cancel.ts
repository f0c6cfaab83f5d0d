import { z } from 'zod'

import { taskName } from '#catalog/background-ids.ts'
import { cancelTask } from '#catalog/task-ends.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { taskStates } from '#operations/tasks/task-data.ts'
import { taskField, taskIdOf } from '#operations/tasks/task-id.ts'

export const cancelTaskOperation = defineOperation({
  name: 'tasks.cancel',
  summary: 'End a background task early; one that runs is told to stop',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/tasks/{task}/cancel' },
  input: z.strictObject({ task: taskField }),
  output: z.object({
    id: z.string(),
    /** `running`: it was told, and ends as soon as it has stopped. */
    state: z.enum(taskStates),
  }),
  async handler({ task }, { parts, caller }) {
    const id = taskIdOf(task)
    const state = await parts.catalog.asTenant(caller.tenant, (session) => cancelTask(session, id))
    if (state === null) throw new MillraceError('background-task-unknown', { task })
    if (state === 'running') await parts.tasks.checkLeases()
    return { id: taskName(id), state }
  },
})
