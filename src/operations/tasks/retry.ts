import { z } from 'zod'

import { taskName } from '#catalog/background-ids.ts'
import { retryDeadLetters } from '#catalog/background-steer.ts'
import { defineOperation } from '#operations/operation.ts'
import { refuseUnlessFailed } from '#operations/tasks/dead-letters.ts'
import { taskField, taskIdOf } from '#operations/tasks/task-id.ts'

export const retryTask = defineOperation({
  name: 'tasks.retry',
  summary: 'Try a background task again that failed or was cancelled, with all its attempts',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/tasks/{task}/retry' },
  input: z.strictObject({ task: taskField }),
  output: z.object({ id: z.string() }),
  async handler({ task }, { parts, caller }) {
    const id = taskIdOf(task)
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      const changed = await retryDeadLetters(session, { id })
      if (changed.length === 0) await refuseUnlessFailed(session, id, task, 'retried')
    })
    return { id: taskName(id) }
  },
})
