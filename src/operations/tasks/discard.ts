import { z } from 'zod'

import { taskName } from '#catalog/background-ids.ts'
import { discardDeadLetters } from '#catalog/background-steer.ts'
import { defineOperation } from '#operations/operation.ts'
import { refuseUnlessFailed } from '#operations/tasks/dead-letters.ts'
import { taskField, taskIdOf } from '#operations/tasks/task-id.ts'

export const discardTask = defineOperation({
  name: 'tasks.discard',
  summary: 'Give a failed background task up for good; it counts as cancelled',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/tasks/{task}/discard' },
  input: z.strictObject({ task: taskField }),
  output: z.object({ id: z.string() }),
  async handler({ task }, { parts, caller }) {
    const id = taskIdOf(task)
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      const changed = await discardDeadLetters(session, { id })
      if (changed.length === 0) await refuseUnlessFailed(session, id, task, 'discarded')
    })
    return { id: taskName(id) }
  },
})
